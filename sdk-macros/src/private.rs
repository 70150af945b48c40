//! Where an expansion finds the runtime.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// The module of `durably` that holds everything an expansion names: `::durably::__private`, or the
/// same under the path that the option `crate` gives.
#[derive(Clone)]
pub(crate) struct Private {
    krate: Option<Path>,
}

impl Private {
    pub(crate) fn new(krate: Option<Path>) -> Self {
        Self { krate }
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match &self.krate {
            Some(krate) => quote!(#krate::__private),
            None => quote!(::durably::__private),
        });
    }
}
