//! The futures that a plain call through a definition value gives.

use std::future::Future;
use std::pin::Pin;

/// What calling an asynchronous activity as a plain function gives.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What calling an asynchronous workflow function or handler as a plain function gives.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Boxes the future of an activity, which attempts poll on any thread.
pub fn activity_future<'a, F>(future: F) -> BoxFuture<'a, F::Output>
where
    F: Future + Send + 'a,
{
    Box::pin(future)
}
