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
    let (row_type, validate) = match row.role {
        Role::Query => (quote!(QueryHandler), None),
        Role::Update => {
            let validate = validate(&row.definition, row.validator.as_ref());
            (quote!(UpdateHandler), Some(quote!(validate: #validate,)))
        }
        _ => (quote!(SignalHandler), None),
    };
    quote! {
        #conditions
        #private::#row_type {
            name: #name,
            description: #description,
            #validate
            call: #call,
        }
    }
}

/// A closure that starts the handler and says whether it has ended already.
fn execution(definition: &Definition<'_>, execution: &str, encode: Option<&str>) -> TokenStream {
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
    let body = if signature.asyncness.is_some() {
        let outcome = outcome(quote!(#call.await));
        quote!(#private::#execution::Running(#private::Box::pin(async move { #outcome })))
    } else {
        let outcome = outcome(call);
        quote!(#private::#execution::Done(#outcome))
    };
    let arguments = arguments(signature);
    let decode = decode(definition);
    quote! {
        |#arguments| {
            #decode
            #private::Ok(#body)
        }
    }
}

/// A closure that answers the query.
fn query(definition: &Definition<'_>) -> TokenStream {
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
    let answer = encoded(definition, "query_answer", &definition.outcome(&call));
    let arguments = arguments(signature);
    let decode = decode(definition);
    quote! {
        |#arguments| {
            #decode
            #answer
        }
    }
}

/// The validator as an optional closure.
fn validate(definition: &Definition<'_>, validator: Option<&Signature>) -> TokenStream {
    let Definition {
        private, self_type, ..
    } = definition;
    let Some(validator) = validator.filter(|validator| !validator.broken) else {
        return quote!(#private::None);
    };
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
            quote_spanned!(span=> &#binding)
        });
    let call = {
        let arguments = std::iter::once(receiver).chain(context).chain(parameters);
        quote!(<#self_type>::#ident(#(#arguments),*))
    };
    let result = quote!(#private::workflow_result(#call));
    let context = if validator.context {
        quote!(__context)
    } else {
        quote!(_)
    };
    let decode = decode(definition);
    let payloads = payloads(definition.signature);
    quote! {
        #private::Some(|__state, #context, #payloads| {
            #decode
            #result
        })
    }
}

fn arguments(signature: &Signature) -> TokenStream {
    let context = if signature.context {
        quote!(__context)
    } else {
        quote!(_)
    };
    let payloads = payloads(signature);
    quote!(__state, #context, #payloads)
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
