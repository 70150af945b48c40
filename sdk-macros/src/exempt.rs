//! `allow_nondeterminism!`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::Expr;

/// The expression as it is.
pub(crate) fn allow_nondeterminism(tokens: TokenStream) -> TokenStream {
    if tokens.is_empty() {
        let message = "`allow_nondeterminism!` takes the expression that is exempt from the checks: \
                       `allow_nondeterminism!(Instant::now())`";
        return syn::Error::new(Span::call_site(), message).into_compile_error();
    }
    if let Err(error) = syn::parse2::<Expr>(tokens.clone()) {
        let message = format!("`allow_nondeterminism!` takes one expression: {error}");
        return syn::Error::new(error.span(), message).into_compile_error();
    }
    // Grouped without a delimiter of its own: what is around the macro cannot take the expression
    // apart, and temporaries live as long as they would without the macro.
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}
