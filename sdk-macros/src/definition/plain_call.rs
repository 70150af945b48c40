//! The definition value called as the function it stands for.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::{Definition, Returns, binding, respan, shared_receiver};
use crate::signature::Receiver;

/// `Deref` to a pointer to the user's function: a call of the value then is a call of the function.
///
/// An asynchronous function's future is boxed: its own type has no name.
pub(crate) fn plain_call(definition: &Definition<'_>) -> TokenStream {
    let workflow = definition.returns == Returns::Workflow;
    let Definition {
        private,
        signature,
        ty,
        self_type,
        ..
    } = definition;
    if signature.broken {
        return TokenStream::new();
    }
    let receiver = signature.receiver.map(|receiver| match receiver {
        Receiver::Borrowed => quote!(&'a #self_type),
        Receiver::Shared if workflow => quote!(#private::Rc<#self_type>),
        Receiver::Shared => quote!(#private::Arc<#self_type>),
    });
    let context = signature.context.then(|| {
        if workflow {
            quote!(&'a #private::WorkflowContext)
        } else {
            quote!(&'a #private::ActivityContext)
        }
    });
    let borrows = signature.context || signature.receiver == Some(Receiver::Borrowed);
    let binder = borrows.then(|| quote!(for<'a>));
    let lifetime = if borrows { quote!('a) } else { quote!('static) };
    let parameters = signature.parameters.iter().map(|parameter| &parameter.ty);
    let output = &signature.output.ty;
    let output = match (signature.asyncness, workflow) {
        (None, _) => output.to_token_stream(),
        (Some(_), true) => quote!(#private::LocalBoxFuture<#lifetime, #output>),
        (Some(_), false) => quote!(#private::BoxFuture<#lifetime, #output>),
    };
    let arguments = receiver
        .into_iter()
        .chain(context)
        .chain(parameters.cloned());
    let closure = closure(definition, workflow);
    let conditions = definition.attributes.for_pieces();
    let pointer = quote!(#binder fn(#(#arguments),*) -> #output);
    let target = quote_spanned!(definition.parameters_span()=> type Target = #pointer;);
    let shared = match self_type {
        Some(self_type) if !workflow => Some(shared_receiver(private, self_type)),
        _ => None,
    };
    quote! {
        #conditions
        #[automatically_derived]
        impl #private::Deref for #ty
        #shared
        {
            #target

            fn deref(&self) -> &Self::Target {
                &((#closure) as #pointer)
            }
        }
    }
}

fn closure(definition: &Definition<'_>, workflow: bool) -> TokenStream {
    let Definition {
        private,
        signature,
        function,
        ..
    } = definition;
    let receiver = format_ident!("__receiver");
    let context = format_ident!("__context");
    let names = signature
        .receiver
        .map(|_| receiver.clone())
        .into_iter()
        .chain(signature.context.then(|| context.clone()))
        .chain((0..signature.parameters.len()).map(|index| binding(index, Span::call_site())));
    // The error of a future that is not `Send` shows at `async`.
    let span = signature
        .asyncness
        .map_or(signature.ident.span(), |token| token.span);
    let call = definition.call(span, function, |_| receiver.to_token_stream(), &context);
    let span = span.resolved_at(Span::call_site());
    let body = match signature.asyncness {
        None => call,
        Some(_) if workflow => quote!(#private::Box::pin(#call)),
        Some(_) => respan(quote!(#private::activity_future(#call)), span),
    };
    quote!(|#(#names),*| #body)
}
