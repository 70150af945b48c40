//! Cancellation scopes: which operations are canceled together.
//!
//! Every operation belongs to the scope in which it was started. The root scope is canceled
//! by `WorkflowExecutionCancelRequested`; canceling a scope cancels the scopes within it, but
//! not those that are shielded. Nothing of this is recorded but the cancel commands.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as PollContext, Poll, Waker};

use super::Context;

/// The operation was canceled, or the scope in which it would have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("canceled")]
pub struct Canceled;

#[derive(Debug)]
struct Scope {
    /// The enclosing scope, whose cancellation reaches this one; none for a shielded scope.
    parent: Option<u32>,
    canceled: Option<Rc<str>>,
}

#[derive(Debug, Default)]
pub(crate) struct Scopes {
    scopes: BTreeMap<u32, Scope>,
    root_canceled: Option<Rc<str>>,
    last: u32,
    waiters: BTreeMap<u64, Waker>,
    last_waiter: u64,
}

impl Scopes {
    pub(crate) const ROOT: u32 = 0;

    fn open(&mut self, parent: Option<u32>) -> u32 {
        self.last += 1;
        self.scopes.insert(
            self.last,
            Scope {
                parent,
                canceled: None,
            },
        );
        self.last
    }

    /// Why a scope is canceled, if it or one around it is. A closed scope counts as the root:
    /// what was detached from it belongs to the run.
    fn reason(&self, mut scope: u32) -> Option<&Rc<str>> {
        loop {
            let Some(found) = self.scopes.get(&scope) else {
                return self.root_canceled.as_ref();
            };
            if found.canceled.is_some() {
                return found.canceled.as_ref();
            }
            scope = found.parent?;
        }
    }

    pub(crate) fn is_canceled(&self, scope: u32) -> bool {
        self.reason(scope).is_some()
    }

    /// False when the scope is canceled already, or closed.
    pub(crate) fn cancel(&mut self, scope: u32, reason: &str) -> bool {
        let slot = if scope == Self::ROOT {
            &mut self.root_canceled
        } else {
            match self.scopes.get_mut(&scope) {
                Some(scope) => &mut scope.canceled,
                None => return false,
            }
        };
        let first = slot.is_none();
        slot.get_or_insert_with(|| reason.into());
        first
    }

    pub(crate) fn take_wakers(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.waiters).into_values().collect()
    }

    pub(crate) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }
}

/// Cancels what was started within a scope.
#[derive(Debug, Clone)]
pub struct CancelScope {
    context: Context,
    scope: u32,
}

impl CancelScope {
    /// Cancels everything open in the scope; what is started in it later is canceled at once.
    pub fn cancel(&self, reason: &str) {
        if self.context.may_act(|| "canceling a scope".to_owned()) {
            self.context.shared.cancel_scope(self.scope, reason);
        }
    }

    /// Whether the scope, or one around it, is canceled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.context
            .shared
            .tables
            .borrow()
            .scopes
            .is_canceled(self.scope)
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

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let _inside = Inside::enter(&self.scope.context.clone(), self.scope.scope);
        self.future.as_mut().poll(cx)
    }
}

impl<F> Drop for ScopeFuture<F> {
    fn drop(&mut self) {
        let scopes = &self.scope.context.shared.tables;
        if let Ok(mut tables) = scopes.try_borrow_mut() {
            tables.scopes.scopes.remove(&self.scope.scope);
        }
    }
}

/// Makes a scope the current one until dropped, also when the poll panics.
struct Inside {
    context: Context,
    outer: u32,
}

impl Inside {
    fn enter(context: &Context, scope: u32) -> Self {
        Self {
            outer: context.shared.scope.replace(scope),
            context: context.clone(),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.context.shared.scope.set(self.outer);
    }
}

/// Ready when the scope in which it was made is canceled; gives the reason.
#[derive(Debug)]
pub struct CanceledFuture {
    context: Context,
    scope: u32,
    waiter: Option<u64>,
}

impl Future for CanceledFuture {
    type Output = String;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<String> {
        let old = {
            let mut tables = self.context.shared.tables.borrow_mut();
            let scopes = &mut tables.scopes;
            if let Some(reason) = scopes.reason(self.scope) {
                return Poll::Ready(reason.to_string());
            }
            let id = self.waiter.unwrap_or(scopes.last_waiter + 1);
            scopes.last_waiter = scopes.last_waiter.max(id);
            let old = scopes.waiters.insert(id, cx.waker().clone());
            drop(tables);
            self.waiter = Some(id);
            old
        };
        drop(old);
        Poll::Pending
    }
}

impl Drop for CanceledFuture {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            let waker = self
                .context
                .shared
                .tables
                .borrow_mut()
                .scopes
                .waiters
                .remove(&id);
            drop(waker);
        }
    }
}

impl Context {
    /// Runs a future in a scope of its own, which can be canceled apart from the rest.
    pub fn cancel_scope<F: Future>(&self, future: F) -> ScopeFuture<F> {
        self.scoped(Some(self.shared.scope.get()), future)
    }

    /// Runs a future that no outside cancellation reaches: for clean-up after a cancellation.
    pub fn shield<F: Future>(&self, future: F) -> ScopeFuture<F> {
        self.scoped(None, future)
    }

    fn scoped<F: Future>(&self, parent: Option<u32>, future: F) -> ScopeFuture<F> {
        let scope = self.shared.tables.borrow_mut().scopes.open(parent);
        ScopeFuture {
            scope: CancelScope {
                context: self.clone(),
                scope,
            },
            future: Box::pin(future),
        }
    }

    /// Whether the current scope is canceled.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.shared
            .tables
            .borrow()
            .scopes
            .is_canceled(self.shared.scope.get())
    }

    /// Whether the run itself was asked to cancel, by `WorkflowExecutionCancelRequested`.
    #[must_use]
    pub fn is_cancel_requested(&self) -> bool {
        self.shared.tables.borrow().scopes.root_canceled.is_some()
    }

    /// Waits until the current scope is canceled; gives the reason.
    #[must_use]
    pub fn canceled(&self) -> CanceledFuture {
        CanceledFuture {
            context: self.clone(),
            scope: self.shared.scope.get(),
            waiter: None,
        }
    }
}
