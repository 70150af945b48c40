//! The attributes of an item, by where they belong once the item has become a definition and a body.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The attributes a user wrote, other than the macros' own.
#[derive(Clone, Default)]
pub(crate) struct Attributes {
    attributes: Vec<Attribute>,
}

impl Attributes {
    pub(crate) fn new(attributes: Vec<Attribute>) -> Self {
        Self { attributes }
    }

    /// For the definition value, which is what the documentation shows: its documentation,
    /// deprecation and conditions.
    pub(crate) fn for_definition(&self) -> TokenStream {
        self.only(|name| matches!(name, "doc" | "deprecated" | "cfg" | "allow"))
    }

    /// For each generated piece: the conditions, and the lints that the user switched off.
    pub(crate) fn for_pieces(&self) -> TokenStream {
        let pieces = self.only(|name| matches!(name, "cfg" | "allow"));
        // What implements a deprecated definition is no use of it.
        let deprecated = self
            .attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("deprecated"));
        let allow_deprecated = deprecated.then(|| quote!(#[allow(deprecated)]));
        quote!(#pieces #allow_deprecated)
    }

    /// The conditions alone.
    pub(crate) fn conditions(&self) -> TokenStream {
        self.only(|name| name == "cfg")
    }

    /// For the function that holds the body.
    pub(crate) fn for_body(&self) -> TokenStream {
        self.only(|name| !matches!(name, "doc" | "deprecated" | "must_use"))
    }

    /// For the declaration of a method in the hidden trait.
    pub(crate) fn for_declaration(&self) -> TokenStream {
        self.only(|name| matches!(name, "cfg" | "allow" | "must_use"))
    }

    /// The first `#[cfg]`.
    pub(crate) fn first_condition(&self) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.path().is_ident("cfg"))
    }

    /// The first paragraph of the documentation, on one line. Empty where there is none.
    pub(crate) fn first_paragraph(&self) -> String {
        let lines = self
            .attributes
            .iter()
            .filter_map(documentation)
            .collect::<Vec<_>>();
        let text = lines.join("\n");
        text.lines()
            .map(str::trim)
            .skip_while(|line| line.is_empty())
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn only(&self, wanted: impl Fn(&str) -> bool) -> TokenStream {
        let wanted = self.attributes.iter().filter(|attribute| {
            wanted(
                &attribute
                    .path()
                    .get_ident()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            )
        });
        quote!(#(#wanted)*)
    }
}

impl ToTokens for Attributes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.only(|_| true));
    }
}

fn documentation(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    if !meta.path.is_ident("doc") {
        return None;
    }
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_first_paragraph_on_one_line() {
        let attributes = Attributes::new(vec![
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " Cancels the order"]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = " and refunds it."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " More."]),
        ]);
        assert_eq!(
            attributes.first_paragraph(),
            "Cancels the order and refunds it."
        );
        assert_eq!(Attributes::default().first_paragraph(), "");
    }

    #[test]
    fn each_attribute_has_its_place() {
        let attributes = Attributes::new(vec![
            parse_quote!(#[doc = "x"]),
            parse_quote!(#[cfg(unix)]),
            parse_quote!(#[allow(deprecated)]),
            parse_quote!(#[tracing::instrument]),
            parse_quote!(#[must_use]),
        ]);
        let text = |tokens: TokenStream| tokens.to_string().replace(' ', "");
        assert_eq!(
            text(attributes.for_definition()),
            "#[doc=\"x\"]#[cfg(unix)]#[allow(deprecated)]"
        );
        assert_eq!(
            text(attributes.for_body()),
            "#[cfg(unix)]#[allow(deprecated)]#[tracing::instrument]"
        );
        assert_eq!(
            text(attributes.for_declaration()),
            "#[cfg(unix)]#[allow(deprecated)]#[must_use]"
        );
    }
}
