//! The impls that make a definition an activity.

use proc_macro2::TokenStream;
use quote::quote;

use super::defaults::defaults;
use super::options::Options;
use crate::definition::{Definition, shared_receiver};
use crate::signature::Receiver;

/// `ActivityDefinition`: what a caller needs.
pub(super) fn activity_definition(definition: &Definition<'_>, options: &Options) -> TokenStream {
    let Definition {
        private,
        ty,
        name,
        attributes,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let parameters = definition.parameters_type();
    let output = definition.output_type();
    let timeout = if options.has_timeout || definition.signature.broken {
        quote!(#private::HasTimeout)
    } else {
        quote!(#private::MissingTimeout)
    };
    let defaults = defaults(options, private);
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::ActivityDefinition for #ty {
            #parameters
            #output
            type Timeout = #timeout;
            const NAME: &'static str = #name;

            fn defaults() -> #private::ActivityOptions {
                #defaults
            }
        }
    }
}

/// `ActivityImplementation`: the body, for a function that has no receiver.
pub(super) fn activity_implementation(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private,
        ty,
        attributes,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let (pattern, body) = body(definition);
    let context = context(definition);
    let output = definition.output();
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::ActivityImplementation for #ty {
            fn execute(
                #context: #private::ActivityContext,
                #pattern: Self::Parameters,
            ) -> #private::ActivityExecution<#output> {
                #body
            }
        }
    }
}

/// `ActivityMethod`: the body, for a method of an `#[activities]` impl.
pub(super) fn activity_method(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private,
        ty,
        self_type,
        attributes,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let (pattern, body) = body(definition);
    let context = context(definition);
    let receiver = match definition.signature.receiver {
        Some(_) if !definition.signature.broken => quote!(__receiver),
        _ => quote!(_),
    };
    let output = definition.output();
    let shared = self_type.map(|self_type| shared_receiver(private, self_type));
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::ActivityMethod for #ty
        #shared
        {
            type Receiver = #self_type;

            fn execute(
                #receiver: #private::Arc<Self::Receiver>,
                #context: #private::ActivityContext,
                #pattern: Self::Parameters,
            ) -> #private::ActivityExecution<#output> {
                #body
            }
        }
    }
}

fn context(definition: &Definition<'_>) -> TokenStream {
    if definition.signature.context && !definition.signature.broken {
        quote!(__context)
    } else {
        quote!(_)
    }
}

/// The pattern that takes the parameters apart, and the body of `execute`.
fn body(definition: &Definition<'_>) -> (TokenStream, TokenStream) {
    let Definition {
        private,
        signature,
        value,
        function,
        ..
    } = definition;
    if signature.broken {
        return (quote!(_), quote!(#private::refused()));
    }
    let receiver = |receiver| match receiver {
        Receiver::Borrowed => quote!(&__receiver),
        Receiver::Shared => quote!(__receiver),
    };
    let context = quote!(&__context);
    let bindings = definition.bindings();
    let span = signature.ident.span();
    let body = if signature.asyncness.is_some() {
        // Through the value, whose call boxes the future: a future that is not `Send` is then
        // reported once.
        let call = definition.call(span, &quote!((#value)), receiver, &context);
        let outcome = definition.outcome(&quote!(#call.await));
        quote! {
            #private::ActivityExecution::Async(#private::Box::pin(async move { #outcome }))
        }
    } else {
        let outcome = definition.outcome(&definition.call(span, function, receiver, &context));
        quote! {
            #private::ActivityExecution::Blocking(#private::Box::new(move || #outcome))
        }
    };
    (quote!((#(#bindings,)*)), body)
}
