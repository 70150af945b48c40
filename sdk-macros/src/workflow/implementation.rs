//! `WorkflowImplementation`: how a worker makes the state and runs the body.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::definition::Definition;
use crate::signature::{Receiver, Signature};

/// How the state of a run comes about.
pub(super) enum State<'a> {
    /// A function workflow has none.
    None,
    /// By `Default`, if the type has it.
    Default {
        self_type: &'a TokenStream,
        /// The definition's type, without its parameter.
        definition: Ident,
    },
    /// By the `#[init]` method.
    Init {
        self_type: &'a TokenStream,
        init: &'a Signature,
    },
}

/// `WorkflowImplementation`, with the tables of handlers.
pub(super) fn workflow_implementation(
    definition: &Definition<'_>,
    state: &State<'_>,
    tables: &TokenStream,
) -> TokenStream {
    let Definition {
        private,
        ty,
        attributes,
        signature,
        ..
    } = definition;
    let pieces = attributes.for_pieces();
    let state_type = match state {
        State::None => quote!(()),
        State::Default { self_type, .. } | State::Init { self_type, .. } => quote!(#self_type),
    };
    let init = init(definition, state);
    let place = place(definition);
    let run = if signature.broken {
        quote! {
            fn run(
                _: #private::Rc<Self::State>,
                _: #private::WorkflowContext,
                _: Self::Parameters,
            ) -> impl #private::Future<Output = #private::WorkflowResult<Self::Output>> + 'static {
                async move { #private::refused() }
            }
        }
    } else {
        run(definition)
    };
    quote! {
        #pieces
        #[automatically_derived]
        impl #private::WorkflowImplementation for #ty {
            type State = #state_type;

            #place
            #run
            #tables
        }

        #pieces
        #[automatically_derived]
        #init
    }
}

/// Where the function stands. The compiler takes the place of a call from all tokens that it is written
/// with, so each of them has the place of the function's name.
fn place(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private, signature, ..
    } = definition;
    let span = signature.ident.span();
    let location = Ident::new("__Location", span);
    let caller = quote_spanned!(span=> #location::caller());
    quote! {
        const PLACE: #private::Option<&'static #private::Location<'static>> = {
            use #private::Location as #location;
            #private::Some(#caller)
        };
    }
}

/// `WorkflowInit`. A type with neither `#[init]` nor `Default` has it not: its state is made by what
/// it is registered with. The bound is on a type parameter, because one on the type itself would be
/// an error where it does not hold.
fn init(definition: &Definition<'_>, state: &State<'_>) -> TokenStream {
    let Definition { private, ty, .. } = definition;
    let refused = (quote!(_), quote!(_), quote!(#private::refused()));
    let (context, parameters, body) = match state {
        _ if definition.signature.broken => refused,
        State::None => (quote!(_), quote!(_), quote!(#private::Ok(()))),
        State::Default { definition, .. } => {
            return quote! {
                impl<S: #private::DefaultState> #private::WorkflowInit for #definition<S>
                where
                    Self: #private::WorkflowImplementation<State = S>,
                {
                    fn init(
                        _: &#private::WorkflowContext,
                        _: &Self::Parameters,
                    ) -> #private::WorkflowResult<S> {
                        #private::Ok(S::default_state())
                    }
                }
            };
        }
        State::Init { init, .. } if init.broken => refused,
        State::Init { self_type, init } => {
            let context = if init.context {
                quote!(__context)
            } else {
                quote!(_)
            };
            let parameters = if init.parameters.is_empty() {
                quote!(_)
            } else {
                quote!(__parameters)
            };
            (context, parameters, call_init(definition, self_type, init))
        }
    };
    quote! {
        impl #private::WorkflowInit for #ty {
            fn init(
                #context: &#private::WorkflowContext,
                #parameters: &Self::Parameters,
            ) -> #private::WorkflowResult<Self::State> {
                #body
            }
        }
    }
}

fn call_init(
    definition: &Definition<'_>,
    self_type: &TokenStream,
    init: &Signature,
) -> TokenStream {
    let private = definition.private;
    let ident = &init.ident;
    let context = init.context.then(|| quote!(__context)).into_iter();
    let parameters = init
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| {
            // A type that is not that of `run` is reported where it stands.
            let span = parameter.span.resolved_at(Span::call_site());
            let index = syn::Index {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                span,
            };
            quote_spanned!(span=> &__parameters.#index)
        });
    let arguments = context.chain(parameters);
    let call = quote!(<#self_type>::#ident(#(#arguments),*));
    if init.output.fallible {
        quote!(#private::workflow_result(#call))
    } else {
        quote!(#private::Ok(#call))
    }
}

fn run(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private,
        signature,
        function,
        ..
    } = definition;
    let state = if signature.receiver.is_some() {
        quote!(__state)
    } else {
        quote!(_)
    };
    let receiver = |receiver| match receiver {
        Receiver::Borrowed => quote!(&__state),
        Receiver::Shared => quote!(__state),
    };
    let bindings = definition.bindings();
    let span = signature.ident.span();
    let call = definition.call(span, function, receiver, &quote!(&__context));
    let outcome = definition.outcome(&quote!(#call.await));
    let output = definition.output();
    quote! {
        fn run(
            #state: #private::Rc<Self::State>,
            __context: #private::WorkflowContext,
            (#(#bindings,)*): Self::Parameters,
        ) -> impl #private::Future<Output = #private::WorkflowResult<#output>> + 'static {
            async move { #outcome }
        }
    }
}
