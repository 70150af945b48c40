//! What ends a worker: SIGTERM, SIGINT, or the end of its standard input.
//!
//! The last of these ties a worker to the program that started it, however that program ends.

use std::io::{self, Read};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// The three requests to stop, listened for since [`StopRequests::listen`].
#[derive(Debug)]
pub struct StopRequests {
    terminate: Signal,
    interrupt: Signal,
    end_of_input: oneshot::Receiver<()>,
}

impl StopRequests {
    /// Starts to listen. A thread of its own reads standard input: such a read cannot be called
    /// off, and the process's end takes the thread down.
    ///
    /// # Errors
    /// A signal handler or the thread cannot be set up.
    pub fn listen() -> io::Result<Self> {
        let (ended, end_of_input) = oneshot::channel();
        let requests = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            end_of_input,
        };
        let reader = std::thread::Builder::new().name("stdin".to_owned());
        reader.stack_size(64 * 1024).spawn(move || {
            wait_for_end_of_input();
            // Nobody listens any more when another request came first.
            let _ = ended.send(());
        })?;
        Ok(requests)
    }

    /// Waits for the first request.
    pub async fn requested(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.end_of_input => {}
        }
    }
}

/// An input that cannot be read has ended too: whoever held its other side can no longer ask for
/// a stop through it.
fn wait_for_end_of_input() {
    let mut dropped = [0; 256];
    let mut input = io::stdin().lock();
    loop {
        match input.read(&mut dropped) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                eprintln!("stopping, standard input cannot be read: {error}");
                return;
            }
        }
    }
}
