//! The methods of a `#[workflow]` impl, by the part each plays.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::options::{self, MethodOptions};
use crate::errors::Errors;
use crate::item::{Attributes, Function, ImplItem};
use crate::markers::{Marker, MarkerKind, take_marker};
use crate::signature::Role;

/// A marked method.
pub(super) struct Method {
    pub(super) function: Function,
    pub(super) attributes: Attributes,
    pub(super) options: MethodOptions,
}

/// A method that handles messages.
pub(super) struct Handler {
    pub(super) role: Role,
    pub(super) method: Method,
}

/// A method that looks at updates before they are accepted.
pub(super) struct Validator {
    pub(super) update: Ident,
    pub(super) method: Method,
}

#[derive(Default)]
pub(super) struct Methods {
    pub(super) run: Option<Method>,
    pub(super) init: Option<Method>,
    pub(super) handlers: Vec<Handler>,
    /// The handlers of what has no other one. They stay methods: there is no name to define.
    pub(super) dynamic: Vec<Handler>,
    pub(super) validators: Vec<Validator>,
    /// What has no mark, and what has one that does not fit.
    pub(super) others: TokenStream,
    /// A method `run` without a mark.
    unmarked_run: Option<Function>,
}

impl Methods {
    pub(super) fn sort(items: Vec<ImplItem>, errors: &mut Errors) -> Self {
        let mut methods = Self::default();
        for item in items {
            match item {
                ImplItem::Other(tokens) => methods.others.extend(tokens),
                ImplItem::Function(function) => methods.add(*function, errors),
            }
        }
        methods
    }

    fn add(&mut self, mut function: Function, errors: &mut Errors) {
        let Some(marker) = take_marker(&mut function, errors) else {
            if function.signature.ident == "run" && self.unmarked_run.is_none() {
                self.unmarked_run = Some(function);
                return;
            }
            return function.to_tokens(&mut self.others);
        };
        match marker.kind {
            MarkerKind::Run => self.add_run(function, &marker, errors),
            MarkerKind::Init => self.add_init(function, &marker, errors),
            MarkerKind::Signal => {
                let options = options::signal(&marker, errors);
                self.add_handler(Role::Signal, function, options, errors);
            }
            MarkerKind::Query => {
                let options = options::query(&marker, errors);
                self.add_handler(Role::Query, function, options, errors);
            }
            MarkerKind::Update => {
                let options = options::update(&marker, errors);
                self.add_handler(Role::Update, function, options, errors);
            }
            MarkerKind::Validator => self.add_validator(function, &marker, errors),
            MarkerKind::Activity => {
                errors.at(
                    &marker.attribute,
                    "an activity cannot be a method of the workflow: it runs elsewhere, without the workflow's state; \
                     make it a free function or a method of an `#[activities]` impl",
                );
                function.to_tokens(&mut self.others);
            }
        }
    }

    fn add_run(&mut self, function: Function, marker: &Marker, errors: &mut Errors) {
        let options = options::run(marker, errors);
        if let Some(first) = &self.run {
            errors.at(
                &marker.attribute,
                format_args!(
                    "a workflow has one `#[run]` method, and `{}` is marked already; \
                     make this a `#[signal]`, a `#[query]`, an `#[update]` or a plain method",
                    first.function.signature.ident
                ),
            );
            return function.to_tokens(&mut self.others);
        }
        self.run = Some(method(function, options));
    }

    fn add_init(&mut self, function: Function, marker: &Marker, errors: &mut Errors) {
        options::init(marker, errors);
        // The method keeps its name and its place: nothing is registered under it.
        function.to_tokens(&mut self.others);
        if let Some(first) = &self.init {
            errors.at(
                &marker.attribute,
                format_args!(
                    "a workflow has one `#[init]` method, and `{}` is marked already",
                    first.function.signature.ident
                ),
            );
            return;
        }
        self.init = Some(method(function, MethodOptions::default()));
    }

    fn add_handler(
        &mut self,
        role: Role,
        function: Function,
        options: MethodOptions,
        errors: &mut Errors,
    ) {
        let Some(dynamic) = options.dynamic.clone() else {
            let method = method(function, options);
            return self.handlers.push(Handler { role, method });
        };
        function.to_tokens(&mut self.others);
        if let Some(first) = self.dynamic.iter().find(|earlier| earlier.role == role) {
            errors.at(
                &dynamic,
                format_args!(
                    "a workflow has one dynamic handler of a kind, and `{}` is one already",
                    first.method.function.signature.ident
                ),
            );
            return;
        }
        let method = method(function, options);
        self.dynamic.push(Handler { role, method });
    }

    fn add_validator(&mut self, function: Function, marker: &Marker, errors: &mut Errors) {
        function.to_tokens(&mut self.others);
        let Some(update) = options::validated_update(marker, errors) else {
            return;
        };
        if self
            .validators
            .iter()
            .any(|earlier| earlier.update == update)
        {
            errors.at(
                &update,
                format_args!("the update `{update}` has a validator already; an update has one"),
            );
            return;
        }
        let method = method(function, MethodOptions::default());
        self.validators.push(Validator { update, method });
    }

    /// Reports a missing `#[run]`, and takes a method of that name for it.
    pub(super) fn require_run(&mut self, impl_token: &impl ToTokens, errors: &mut Errors) {
        match (self.unmarked_run.take(), &self.run) {
            (Some(helper), Some(_)) => helper.to_tokens(&mut self.others),
            (Some(unmarked), None) => {
                errors.at(
                    &unmarked.signature.ident,
                    "mark this method with `#[run]`: `#[workflow]` finds no method that is marked so",
                );
                self.run = Some(method(unmarked, MethodOptions::default()));
            }
            (None, Some(_)) => {}
            (None, None) => errors.at(
                impl_token,
                "`#[workflow]` finds no `#[run]` method in this impl: mark the method that is the workflow's body with `#[run]`",
            ),
        }
    }

    /// Reports validators of updates that there are not.
    pub(super) fn check_validators(&self, errors: &mut Errors) {
        let updates = || {
            let handlers = self.handlers.iter().chain(&self.dynamic);
            handlers.filter(|handler| handler.role == Role::Update)
        };
        for validator in &self.validators {
            let update = &validator.update;
            if updates().any(|handler| handler.method.function.signature.ident == *update) {
                continue;
            }
            let names = updates()
                .map(|handler| format!("`{}`", handler.method.function.signature.ident))
                .collect::<Vec<_>>();
            let there_are = match &names[..] {
                [] => "this impl has no `#[update]` method".to_owned(),
                names => format!("the updates of this impl are {}", names.join(", ")),
            };
            errors.at(
                update,
                format_args!("there is no update `{update}`; {there_are}"),
            );
        }
    }

    /// The validator of an update.
    pub(super) fn validator_of(&self, update: &Ident) -> Option<&Method> {
        let found = self
            .validators
            .iter()
            .find(|validator| validator.update == *update);
        found.map(|validator| &validator.method)
    }

    /// The methods whose names in the type go to definition values.
    pub(super) fn moved(&self) -> impl Iterator<Item = (&Function, &Attributes)> + Clone {
        let handlers = self.handlers.iter().map(|handler| &handler.method);
        self.run
            .iter()
            .chain(handlers)
            .map(|method| (&method.function, &method.attributes))
    }

    /// All bodies that are workflow code, as far as the marks tell.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &TokenStream> {
        let handlers = self.handlers.iter().chain(&self.dynamic);
        let handlers = handlers.map(|handler| &handler.method);
        let validators = self.validators.iter().map(|validator| &validator.method);
        let methods = self
            .run
            .iter()
            .chain(&self.init)
            .chain(handlers)
            .chain(validators);
        methods.filter_map(|method| method.function.body.as_ref())
    }
}

fn method(function: Function, options: MethodOptions) -> Method {
    let attributes = Attributes::new(function.attributes.clone());
    Method {
        function,
        attributes,
        options,
    }
}
