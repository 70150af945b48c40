//! The activities that a worker runs, by name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::interceptor::{ActivityInterceptor, ActivityInterceptors, AnyActivityInterceptor};
use super::{ActivityContext, Handler, RegistrationError, RegistrationProblem};
use crate::definition::{ActivityImplementation, ActivityMethod, ActivitySet};
use crate::failure::ActivityResult;
use crate::payload::{Parameters, Payload, ToPayload};

/// The activities that a worker runs, by name.
///
/// What is wrong with a registration is kept, and reported by [`check`](Self::check): a
/// worker is not built with activities that cannot be used as they are.
#[derive(Debug, Default)]
pub struct ActivityRegistry {
    handlers: HashMap<String, Handler>,
    dynamic: Option<Handler>,
    problems: Vec<RegistrationProblem>,
    interceptors: ActivityInterceptors,
    /// Has what is not registered here.
    base: Option<Arc<Self>>,
}

impl ActivityRegistry {
    /// No activities.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that has all of another besides.
    pub(crate) fn beside(base: Arc<Self>) -> Self {
        Self {
            base: Some(base),
            ..Self::default()
        }
    }

    /// Registers a free function.
    pub fn function<A>(&mut self)
    where
        A: ActivityImplementation,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        self.insert(A::NAME.to_owned(), Handler::function::<A>());
    }

    /// Registers a method of a value that all its attempts share.
    pub fn method<A>(&mut self, receiver: Arc<A::Receiver>)
    where
        A: ActivityMethod,
        A::Parameters: Parameters,
        A::Output: ToPayload,
    {
        self.insert(A::NAME.to_owned(), Handler::method::<A>(receiver));
    }

    /// Registers all activities of a value.
    pub fn set<S: ActivitySet>(&mut self, set: Arc<S>) {
        set.register(self);
    }

    /// Registers an activity by name, which takes and gives payloads as they come.
    ///
    /// ```
    /// use durably::activity::{ActivityContext, ActivityRegistry};
    ///
    /// let mut registry = ActivityRegistry::new();
    /// registry.untyped("echo", |_: ActivityContext, input| async move {
    ///     Ok(input.into_iter().next())
    /// });
    /// # registry.check().unwrap();
    /// ```
    pub fn untyped<F, R>(&mut self, name: impl Into<String>, activity: F)
    where
        F: Fn(ActivityContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = ActivityResult<Option<Payload>>> + Send + 'static,
    {
        self.insert(name.into(), Handler::untyped(activity));
    }

    /// As [`untyped`](Self::untyped), in place of the activity that has the name, if there is one: for
    /// tests, in which something else stands in for it.
    pub fn replace<F, R>(&mut self, name: impl Into<String>, activity: F)
    where
        F: Fn(ActivityContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = ActivityResult<Option<Payload>>> + Send + 'static,
    {
        self.handlers
            .insert(name.into(), Handler::untyped(activity));
    }

    /// Registers the activity that runs for every activity type which has none of its own; the
    /// context's info says which type was called.
    pub fn dynamic<F, R>(&mut self, activity: F)
    where
        F: Fn(ActivityContext, Vec<Payload>) -> R + Send + Sync + 'static,
        R: Future<Output = ActivityResult<Option<Payload>>> + Send + 'static,
    {
        if self.dynamic.replace(Handler::untyped(activity)).is_some() {
            self.problems.push(RegistrationProblem::DuplicateDynamic);
        }
    }

    /// Runs an interceptor around the attempts of all activities: of several, the first is the
    /// outermost.
    pub(crate) fn intercept(&mut self, interceptor: impl ActivityInterceptor) {
        self.interceptors.add(interceptor);
    }

    /// What is around attempts of this type, outermost first. What a registry with a base has itself
    /// is the worker's own: interceptors of users' activities are not around it.
    pub(crate) fn interceptors(&self, activity_type: &str) -> &[Arc<dyn AnyActivityInterceptor>] {
        match &self.base {
            Some(_) if self.handlers.contains_key(activity_type) => &[],
            Some(base) => base.interceptors(activity_type),
            None => self.interceptors.as_slice(),
        }
    }

    /// Checks that what was registered can be used.
    ///
    /// # Errors
    /// A name is taken twice, empty or reserved; the error lists every such registration.
    pub fn check(&self) -> Result<(), RegistrationError> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(RegistrationError::new(self.problems.clone()))
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.handlers.is_empty() && self.dynamic.is_none()
    }

    /// The names, sorted; without that of the dynamic activity, which has none.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<_> = self.handlers.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// What runs attempts of this type.
    pub(crate) fn handler(&self, activity_type: &str) -> Option<&Handler> {
        let own = self.handlers.get(activity_type).or(self.dynamic.as_ref());
        own.or_else(|| self.base.as_ref()?.handler(activity_type))
    }

    fn insert(&mut self, name: String, handler: Handler) {
        let problem = if name.is_empty() {
            RegistrationProblem::EmptyName
        } else if is_reserved(&name) {
            RegistrationProblem::Reserved { name }
        } else {
            match self.handlers.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(handler);
                    return;
                }
                Entry::Occupied(entry) => RegistrationProblem::Duplicate {
                    name: entry.key().clone(),
                },
            }
        };
        self.problems.push(problem);
    }
}

/// Whether Temporal keeps the name for itself.
fn is_reserved(name: &str) -> bool {
    name.starts_with("__temporal_") || matches!(name, "__stack_trace" | "__enhanced_stack_trace")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn nothing(_: ActivityContext, _: Vec<Payload>) -> ActivityResult<Option<Payload>> {
        Ok(None)
    }

    #[test]
    fn every_mistake_is_named() {
        let mut registry = ActivityRegistry::new();
        for name in [
            "charge",
            "ship",
            "charge",
            "__temporal_x",
            "__stack_trace",
            "",
        ] {
            registry.untyped(name, nothing);
        }
        registry.dynamic(nothing);
        registry.dynamic(nothing);
        let error = registry.check().unwrap_err();
        let duplicate = |name: &str| RegistrationProblem::Duplicate { name: name.into() };
        let reserved = |name: &str| RegistrationProblem::Reserved { name: name.into() };
        assert_eq!(
            error.problems(),
            [
                duplicate("charge"),
                reserved("__temporal_x"),
                reserved("__stack_trace"),
                RegistrationProblem::EmptyName,
                RegistrationProblem::DuplicateDynamic,
            ]
        );
        assert!(
            error
                .to_string()
                .starts_with("activity `charge` is registered more than once: ")
        );
        assert!(registry.names().eq(["charge", "ship"]));
    }

    #[test]
    fn the_dynamic_activity_takes_what_has_no_name() {
        let mut registry = ActivityRegistry::new();
        assert!(registry.is_empty());
        registry.untyped("charge", nothing);
        assert!(registry.handler("refund").is_none());
        registry.dynamic(nothing);
        assert!(registry.handler("refund").is_some());
        registry.check().unwrap();
    }
}
