//! Cancellation scopes: which operations are canceled together.
//!
//! Every operation belongs to the scope in which it was started. The root scope is canceled
//! by `WorkflowExecutionCancelRequested`; canceling a scope cancels the scopes within it, but
//! not those that are shielded. Nothing of this is recorded but the cancel commands.

use std::cell::{Cell, OnceCell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll};

use super::members::{Members, OperationKind, Reach};
use super::{CanceledFuture, Context};
use crate::shared::Shared;

/// One scope. Operations, tasks and inner scopes keep theirs alive.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// The scope around it, whose cancellation reaches this one; none for the root and for shields.
    parent: RefCell<Option<Rc<Self>>>,
    /// Why it was canceled.
    reason: OnceCell<Rc<str>>,
    /// Its future has ended. What outlives it belongs to the scope around it.
    closed: Cell<bool>,
    /// Whether `members` are kept; not by the root.
    keeps_members: bool,
    /// What is open in it and in the scopes within it, as long as it can be canceled.
    members: RefCell<Members>,
}

impl Scope {
    /// A scope within another one; canceled from its start if that one is.
    fn within(parent: Rc<Self>) -> Rc<Self> {
        let scope = match parent.reason() {
            Some(reason) => Self {
                reason: OnceCell::from(reason),
                keeps_members: true,
                ..Self::default()
            },
            None => Self {
                parent: RefCell::new(Some(parent)),
                keeps_members: true,
                ..Self::default()
            },
        };
        Rc::new(scope)
    }

    /// A scope that nothing around it cancels.
    fn shield() -> Rc<Self> {
        Rc::new(Self {
            keeps_members: true,
            ..Self::default()
        })
    }

    /// The nearest scope around this one that still counts: open, or closed after it was canceled.
    fn parent(&self) -> Option<Rc<Self>> {
        loop {
            let parent = self.parent.borrow().clone()?;
            if !parent.closed.get() || parent.reason.get().is_some() {
                return Some(parent);
            }
            // Closed scopes are passed over for good, or a task that starts its own successor
            // would build an endless chain of them.
            let around = parent.parent.borrow().clone();
            *self.parent.borrow_mut() = around;
        }
    }

    /// Why the scope is canceled, if it or one around it is.
    pub(crate) fn reason(&self) -> Option<Rc<str>> {
        if let Some(reason) = self.reason.get() {
            return Some(reason.clone());
        }
        let mut around = self.parent();
        while let Some(scope) = around {
            if let Some(reason) = scope.reason.get() {
                return Some(reason.clone());
            }
            around = scope.parent();
        }
        None
    }

    pub(crate) fn is_canceled(&self) -> bool {
        self.reason().is_some()
    }

    /// Gives what is to be canceled with it; none when the scope is canceled already, or closed.
    pub(crate) fn cancel(&self, reason: &str) -> Option<Reach> {
        if self.closed.get() || self.reason.set(reason.into()).is_err() {
            return None;
        }
        Some(if self.keeps_members {
            Reach::Scope(self.members.take())
        } else {
            Reach::Root
        })
    }

    /// An operation starts in it: the scope and those around it cancel it.
    pub(crate) fn enter(&self, kind: OperationKind, seq: u32) {
        self.change_members(|members| members.add(kind, seq));
    }

    /// An operation that was started in it is out of its table.
    pub(crate) fn leave(&self, kind: OperationKind, seq: u32) {
        self.change_members(|members| members.remove(kind, seq));
    }

    fn change_members(&self, change: impl Fn(&mut Members)) {
        self.change_own_members(&change);
        let mut around = self.parent();
        while let Some(scope) = around {
            scope.change_own_members(&change);
            around = scope.parent();
        }
    }

    /// One that cannot be canceled any more has none.
    fn change_own_members(&self, change: impl Fn(&mut Members)) {
        if self.keeps_members && !self.closed.get() && self.reason.get().is_none() {
            change(&mut self.members.borrow_mut());
        }
    }

    /// Its future has ended.
    fn close(&self) {
        self.closed.set(true);
        self.members.take();
    }
}

/// Cancels what was started within a scope.
#[derive(Debug, Clone)]
pub struct CancelScope {
    context: Context,
    scope: Rc<Scope>,
}

impl CancelScope {
    /// Cancels everything open in the scope; what is started in it later is canceled at once.
    /// When the scope's future has ended there is nothing to cancel: what outlives it belongs to
    /// the scope around it.
    pub fn cancel(&self, reason: &str) {
        if self.context.may_act(|| "canceling a scope".to_owned()) {
            for waker in self.context.shared.cancel_scope(&self.scope, reason) {
                waker.wake();
            }
        }
    }

    /// Whether the scope, or one around it, is canceled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.scope.is_canceled()
    }
}

/// Runs a future within a scope: what it starts while it is polled belongs to the scope.
#[derive(Debug)]
pub struct ScopeFuture<F> {
    scope: CancelScope,
    future: Pin<Box<F>>,
}

impl<F> ScopeFuture<F> {
    /// The handle that cancels the scope.
    #[must_use]
    pub fn scope(&self) -> CancelScope {
        self.scope.clone()
    }
}

impl<F: Future> Future for ScopeFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let _inside = Inside::enter(&this.scope.context.shared, &this.scope.scope);
        this.future.as_mut().poll(cx)
    }
}

impl<F> Drop for ScopeFuture<F> {
    fn drop(&mut self) {
        self.scope.scope.close();
    }
}

/// Makes a scope the current one until dropped, also when the poll panics.
pub(super) struct Inside<'a> {
    shared: &'a Shared,
    outer: Option<Rc<Scope>>,
}

impl<'a> Inside<'a> {
    pub(super) fn enter(shared: &'a Shared, scope: &Rc<Scope>) -> Self {
        Self {
            outer: Some(shared.scope.replace(scope.clone())),
            shared,
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(outer) = self.outer.take() {
            self.shared.scope.replace(outer);
        }
    }
}

impl Context {
    /// Runs a future in a scope of its own, which can be canceled apart from the rest.
    pub fn cancel_scope<F: Future>(&self, future: F) -> ScopeFuture<F> {
        self.scoped(Scope::within(self.current_scope()), future)
    }

    /// Runs a future that no outside cancellation reaches: for clean-up after a cancellation.
    pub fn shield<F: Future>(&self, future: F) -> ScopeFuture<F> {
        self.scoped(Scope::shield(), future)
    }

    fn scoped<F: Future>(&self, scope: Rc<Scope>, future: F) -> ScopeFuture<F> {
        ScopeFuture {
            scope: CancelScope {
                context: self.clone(),
                scope,
            },
            future: Box::pin(future),
        }
    }

    pub(super) fn current_scope(&self) -> Rc<Scope> {
        self.shared.scope.borrow().clone()
    }

    /// Whether the current scope is canceled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.shared.scope.borrow().is_canceled()
    }

    /// Whether the run itself was asked to cancel, by `WorkflowExecutionCancelRequested`.
    #[must_use]
    pub fn is_cancel_requested(&self) -> bool {
        self.shared.root.is_canceled()
    }

    /// Waits until the current scope is canceled; gives the reason.
    #[must_use]
    pub fn canceled(&self) -> CanceledFuture {
        CanceledFuture::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_scopes_are_passed_over() {
        let root = Rc::new(Scope::default());
        let mut last = root.clone();
        for _ in 0..3 {
            let next = Scope::within(last.clone());
            last.closed.set(!Rc::ptr_eq(&last, &root));
            last = next;
        }
        assert!(
            last.parent()
                .is_some_and(|parent| Rc::ptr_eq(&parent, &root))
        );
        assert!(
            last.parent
                .borrow()
                .as_ref()
                .is_some_and(|parent| Rc::ptr_eq(parent, &root))
        );
        assert!(root.cancel("why").is_some());
        assert!(root.cancel("again").is_none());
        assert_eq!(last.reason().as_deref(), Some("why"));
    }

    #[test]
    fn a_scope_canceled_before_it_closed_counts_for_what_outlives_it() {
        let scope = Rc::new(Scope::default());
        let inner = Scope::within(scope.clone());
        let open = Rc::new(Scope::default());
        assert!(scope.cancel("why").is_some());
        scope.closed.set(true);
        assert!(inner.is_canceled());
        open.closed.set(true);
        assert!(open.cancel("too late").is_none());
    }

    /// What a cancellation of the scope reaches.
    fn reached(scope: &Scope) -> String {
        match scope.cancel("why") {
            Some(Reach::Scope(members)) => format!("{members:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_scope_reaches_what_is_open_in_it_and_within_it() {
        let root = Rc::new(Scope::default());
        let scope = Scope::within(root.clone());
        let (inner, closed) = (Scope::within(scope.clone()), Scope::within(scope.clone()));
        let (shield, beside) = (Scope::shield(), Scope::within(root.clone()));
        scope.enter(OperationKind::Activity, 2);
        inner.enter(OperationKind::Activity, 1);
        inner.enter(OperationKind::Timer, 7);
        closed.enter(OperationKind::Timer, 8);
        closed.close();
        closed.enter(OperationKind::Timer, 9);
        shield.enter(OperationKind::Timer, 3);
        beside.enter(OperationKind::Timer, 4);
        root.enter(OperationKind::Timer, 5);
        inner.leave(OperationKind::Activity, 1);
        closed.leave(OperationKind::Timer, 8);
        assert_eq!(reached(&inner), "Members(Some({(Timer, 7)}))");
        assert_eq!(
            reached(&scope),
            "Members(Some({(Timer, 7), (Timer, 9), (Activity, 2)}))"
        );
        assert_eq!(reached(&closed), "None");
        assert_eq!(reached(&shield), "Members(Some({(Timer, 3)}))");
        assert_eq!(reached(&root), "Some(Root)");
    }

    #[test]
    fn a_scope_keeps_nothing_of_what_has_left_or_can_be_canceled_no_more() {
        let scope = Scope::within(Rc::default());
        let closed = Scope::within(scope.clone());
        closed.enter(OperationKind::Nexus, 1);
        assert!(closed.cancel("why").is_some());
        closed.enter(OperationKind::Nexus, 2);
        closed.close();
        for seq in [1, 2] {
            closed.leave(OperationKind::Nexus, seq);
        }
        for kept in [&scope, &closed] {
            assert_eq!(format!("{:?}", kept.members.borrow()), "Members(None)");
        }
    }
}
