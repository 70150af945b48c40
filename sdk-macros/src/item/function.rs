//! A function whose body is not looked into.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// A free function or a method.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The braces and what is between them; nothing where the function ends in `;`.
    pub(crate) body: Option<TokenStream>,
}

impl Function {
    /// The rest of a function after its attributes.
    pub(crate) fn parse_after(
        attributes: Vec<Attribute>,
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else if input.peek(syn::token::Brace) {
            let group: proc_macro2::Group = input.parse()?;
            Some(group.into_token_stream())
        } else {
            return Err(input.error("expected the body of the function"));
        };
        Ok(Self {
            attributes,
            visibility,
            signature,
            body,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attributes,
            visibility,
            signature,
            body,
        } = self;
        let body = body.clone().unwrap_or_else(|| quote!(;));
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        Self::parse_after(attributes, input)
    }
}
