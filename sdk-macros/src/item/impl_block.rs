//! An inherent impl block whose bodies are not looked into.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{AttrStyle, Attribute, Generics, Ident, Token, Type, Visibility, WhereClause};

use super::{Attributes, Function};
use crate::errors::Errors;
use crate::signature::unnameable;

/// `impl Type { .. }`
pub(crate) struct ImplBlock {
    pub(crate) attributes: Vec<Attribute>,
    /// All that stands between the attributes and the braces.
    pub(crate) header: TokenStream,
    pub(crate) impl_token: Token![impl],
    generics: Generics,
    where_clause: Option<WhereClause>,
    trait_: Option<Type>,
    pub(crate) self_type: Type,
    pub(crate) items: Vec<ImplItem>,
}

/// What stands in an impl block.
pub(crate) enum ImplItem {
    Function(Box<Function>),
    /// Tokens that are no function. The stretches put together, in order, are what the user wrote.
    Other(TokenStream),
}

impl Parse for ImplBlock {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let header = header_tokens(&input.fork())?;
        input.parse::<Visibility>()?;
        input.parse::<Option<Token![unsafe]>>()?;
        let impl_token = input.parse()?;
        let generics = input.parse()?;
        let mut self_type: Type = input.parse()?;
        let trait_ = if input.parse::<Option<Token![for]>>()?.is_some() {
            Some(std::mem::replace(&mut self_type, input.parse()?))
        } else {
            None
        };
        let where_clause = input.parse()?;
        let content;
        syn::braced!(content in input);
        for mut attribute in content.call(Attribute::parse_inner)? {
            attribute.style = AttrStyle::Outer;
            attributes.push(attribute);
        }
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attributes,
            header,
            impl_token,
            generics,
            where_clause,
            trait_,
            self_type,
            items,
        })
    }
}

/// What comes before the braces, which are the last token of an impl.
fn header_tokens(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = input
        .parse::<TokenStream>()?
        .into_iter()
        .collect::<Vec<_>>();
    tokens.pop();
    Ok(TokenStream::from_iter(tokens))
}

impl Parse for ImplItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if let Ok(function) = ahead.parse::<Function>() {
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
            return Ok(Self::Function(Box::new(function)));
        }
        let mut tokens = TokenStream::new();
        while !input.is_empty() {
            let token: TokenTree = input.parse()?;
            let ends = match &token {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            };
            tokens.extend([token]);
            if ends {
                break;
            }
        }
        Ok(Self::Other(tokens))
    }
}

impl ImplBlock {
    /// The block as the user wrote it, without the marks on the methods.
    pub(crate) fn unexpanded<'a>(
        &self,
        others: &TokenStream,
        methods: impl Iterator<Item = (&'a Function, &'a Attributes)>,
    ) -> TokenStream {
        let Self {
            attributes, header, ..
        } = self;
        let functions = methods.map(|(function, _)| function);
        quote!(#(#attributes)* #header { #others #(#functions)* })
    }

    /// The last word of the type's name, and a mistake for an impl that cannot hold definitions.
    pub(crate) fn check(&self, attribute: &str, errors: &mut Errors) -> Option<Ident> {
        if let Some(trait_) = &self.trait_ {
            errors.at(
                trait_,
                format_args!(
                    "`{attribute}` goes on an inherent impl: its methods become constants of the type; \
                     write `impl {}` without a trait",
                    self.type_name().map_or_else(|| "Type".to_owned(), |name| name.to_string())
                ),
            );
            return None;
        }
        if !self.generics.params.is_empty() {
            errors.at(
                &self.generics,
                format_args!(
                    "`{attribute}` cannot be generic: each registered name stands for one set of types; \
                     name the types, as in `impl Inventory<Postgres>`"
                ),
            );
            return None;
        }
        if let Some(where_clause) = &self.where_clause {
            errors.at(
                where_clause,
                format_args!("`{attribute}` has no generics, so a `where` clause has nothing to say here; remove it"),
            );
        }
        if let Some((token, what)) = unnameable(self.self_type.to_token_stream()) {
            errors.at(&token, format_args!("`{attribute}` cannot be for a type with {what}: the value lives as long as its worker; use owned types"));
            return None;
        }
        let name = self.type_name();
        if name.is_none() {
            errors.at(
                &self.self_type,
                format_args!(
                    "`{attribute}` needs a type with a name of its own, such as `impl OrderSaga`"
                ),
            );
        }
        name
    }

    fn type_name(&self) -> Option<Ident> {
        match &self.self_type {
            Type::Path(path) if path.qself.is_none() => path
                .path
                .segments
                .last()
                .map(|segment| segment.ident.unraw()),
            _ => None,
        }
    }
}
