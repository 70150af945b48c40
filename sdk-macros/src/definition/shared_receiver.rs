//! What the type of an `#[activities]` impl must be.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

use super::respan;
use crate::private::Private;

/// The `where` clause that says so.
///
/// It stands on each impl that needs it, with one span: a type that cannot be shared is then reported
/// once, at its name, and nothing that follows from it is.
pub(crate) fn shared_receiver(private: &Private, self_type: &TokenStream) -> TokenStream {
    let span = self_type.to_token_stream().span();
    respan(quote!(where #self_type: #private::SharedReceiver), span)
}
