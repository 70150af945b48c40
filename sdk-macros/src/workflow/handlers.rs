//! The rows of the handler tables: decode, call, encode.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::definition::{Definition, binding, respan};
use crate::signature::{Receiver, Role, Signature};

/// A handler on its way into its table.
pub(super) struct Row<'a> {
    pub(super) role: Role,
    pub(super) definition: Definition<'a>,
    pub(super) description: String,
    /// Whether the end of the run may cut the handler off without a warning.
    pub(super) abandon_unfinished: bool,
    /// The validator of an update.
    pub(super) validator: Option<Signature>,
}

/// The tables of a workflow. A handler with a broken signature has no row.
pub(super) fn tables(rows: &[Row<'_>], private: &crate::private::Private) -> TokenStream {
    let table = |role: Role, table: TokenStream, row_type: TokenStream| {
        let rows = rows
            .iter()
            .filter(|row| row.role == role && !row.definition.signature.broken)
            .map(row)
            .collect::<Vec<_>>();
        (!rows.is_empty()).then(
            || quote!(const #table: &'static [#private::#row_type<Self::State>] = &[#(#rows),*];),
        )
    };
    let signals = table(Role::Signal, quote!(SIGNALS), quote!(SignalHandler));
    let queries = table(Role::Query, quote!(QUERIES), quote!(QueryHandler));
    let updates = table(Role::Update, quote!(UPDATES), quote!(UpdateHandler));
    quote!(#signals #queries #updates)
}

fn row(row: &Row<'_>) -> TokenStream {
    let Definition {
        private,
        name,
        attributes,
        ..
    } = &row.definition;
    let description = &row.description;
    let conditions = attributes.conditions();
    let call = match row.role {
        Role::Query => query(&row.definition),
        Role::Update => execution(&row.definition, "UpdateExecution", Some("update_outcome")),
        _ => execution(&row.definition, "SignalExecution", None),
    };
    let (row_type, refusals) = match row.role {
        Role::Query => (quote!(QueryHandler), None),
        Role::Update => {
            let check = check(&row.definition);
            let validate = validate(&row.definition, row.validator.as_ref());
            let fields = quote!(check: #check, validate: #validate,);
            (quote!(UpdateHandler), Some(fields))
        }
        _ => (quote!(SignalHandler), None),
    };
    let abandon_unfinished = row.abandon_unfinished_field();
    quote! {
        #conditions
        #private::#row_type {
            name: #name,
            description: #description,
            #abandon_unfinished
            #refusals
            call: #call,
        }
    }
}

impl Row<'_> {
    /// A query's handler is never unfinished.
    pub(super) fn abandon_unfinished_field(&self) -> Option<TokenStream> {
        let abandon = self.abandon_unfinished;
        (self.role != Role::Query).then(|| quote!(abandon_unfinished: #abandon,))
    }
}

/// A closure that starts the handler and says whether it has ended already.
fn execution(definition: &Definition<'_>, execution: &str, encode: Option<&str>) -> TokenStream {
    let private = definition.private;
    let arguments = arguments(definition.signature);
    let decode = decode(definition);
    let started = started(definition, execution, encode);
    quote! {
        |#arguments| {
            #decode
            #private::Ok(#started)
        }
    }
}

/// The handler, started with the parameters that are bound by now.
pub(super) fn started(
    definition: &Definition<'_>,
    execution: &str,
    encode: Option<&str>,
) -> TokenStream {
    let Definition {
        private,
        signature,
        function,
        ..
    } = definition;
    let receiver = |receiver| match receiver {
        Receiver::Borrowed => quote!(&__state),
        Receiver::Shared => quote!(__state),
    };
    let span = signature.output.span;
    let call = definition.call(span, function, receiver, &quote!(&__context));
    let execution = format_ident!("{execution}");
    let outcome = |call| {
        let outcome = definition.outcome(&call);
        match encode {
            None => outcome,
            Some(encode) => encoded(definition, encode, &outcome),
        }
    };
    if signature.asyncness.is_some() {
        let outcome = outcome(quote!(#call.await));
        quote!(#private::#execution::Running(#private::Box::pin(async move { #outcome })))
    } else {
        let outcome = outcome(call);
        quote!(#private::#execution::Done(#outcome))
    }
}

/// A closure that answers the query.
fn query(definition: &Definition<'_>) -> TokenStream {
    let arguments = arguments(definition.signature);
    let decode = decode(definition);
    let answer = answer(definition);
    quote! {
        |#arguments| {
            #decode
            #answer
        }
    }
}

/// The answer to the query, with the parameters that are bound by now.
pub(super) fn answer(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private,
        signature,
        function,
        ..
    } = definition;
    let receiver = |receiver| match receiver {
        Receiver::Borrowed => quote!(__state),
        Receiver::Shared => quote!(#private::Rc::clone(__state)),
    };
    let span = signature.output.span;
    let call = definition.call(span, function, receiver, &quote!(__context));
    encoded(definition, "query_answer", &definition.outcome(&call))
}

/// A closure that decodes the parameters and lets go of them.
fn check(definition: &Definition<'_>) -> TokenStream {
    let private = definition.private;
    let payloads = payloads(definition.signature);
    let decode = decode(definition);
    quote! {
        |#payloads| {
            #decode
            #private::Ok(())
        }
    }
}

/// The validator as an optional closure.
fn validate(definition: &Definition<'_>, validator: Option<&Signature>) -> TokenStream {
    let private = definition.private;
    let Some(validator) = validator.filter(|validator| !validator.broken) else {
        return quote!(#private::None);
    };
    let decode = decode(definition);
    let refused = refused(definition, validator, &quote!(&));
    let context = context(validator);
    let payloads = payloads(definition.signature);
    quote! {
        #private::Some(|__state, #context, #payloads| {
            #decode
            #refused
        })
    }
}

/// What the validator says of the parameters that are bound by now; `lend` makes references of them.
pub(super) fn refused(
    definition: &Definition<'_>,
    validator: &Signature,
    lend: &TokenStream,
) -> TokenStream {
    let Definition {
        private, self_type, ..
    } = definition;
    let ident = &validator.ident;
    let receiver = match validator.receiver {
        Some(Receiver::Shared) => quote!(#private::Rc::clone(__state)),
        _ => quote!(__state),
    };
    let context = validator.context.then(|| quote!(__context)).into_iter();
    let parameters = validator
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| {
            // A type that is not that of the update is reported where it stands.
            let span = parameter.span.resolved_at(Span::call_site());
            let binding = binding(index, span);
            respan(quote!(#lend #binding), span)
        });
    let arguments = std::iter::once(receiver).chain(context).chain(parameters);
    quote!(#private::workflow_result(<#self_type>::#ident(#(#arguments),*)))
}

fn arguments(signature: &Signature) -> TokenStream {
    let context = context(signature);
    let payloads = payloads(signature);
    quote!(__state, #context, #payloads)
}

pub(super) fn context(signature: &Signature) -> TokenStream {
    if signature.context {
        quote!(__context)
    } else {
        quote!(_)
    }
}

fn payloads(signature: &Signature) -> TokenStream {
    if signature.parameters.is_empty() {
        quote!(_)
    } else {
        quote!(__payloads)
    }
}

/// One `let` for each parameter.
fn decode(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        private, signature, ..
    } = definition;
    let count = signature.parameters.len();
    let parameters = signature.parameters.iter().enumerate().map(|(index, parameter)| {
        let ty = &parameter.ty;
        let binding = binding(index, Span::call_site());
        let span = parameter.span.resolved_at(Span::call_site());
        quote_spanned!(span=> let #binding = #private::parameter::<#ty>(__payloads, #index, #count)?;)
    });
    quote!(#(#parameters)*)
}

/// The outcome made into a payload. A type that cannot be is reported where it stands.
fn encoded(definition: &Definition<'_>, encode: &str, outcome: &TokenStream) -> TokenStream {
    let Definition {
        private, signature, ..
    } = definition;
    let span = signature.output.span.resolved_at(Span::call_site());
    let encode = format_ident!("{encode}");
    respan(quote!(#private::#encode(#outcome)), span)
}
