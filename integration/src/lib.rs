//! What the tests against a server share.
//!
//! A test begins with [`Test::begin`], which connects to the server that `TEMPORAL_ADDRESS` names;
//! without one it has an embedded server of its own. Each test has task queues and workflow ids of its
//! own, so that all of them can run at once, and again and again on one server.
//!
//! | environment | meaning |
//! |---|---|
//! | `TEMPORAL_ADDRESS` | the server; each test has an embedded one without it |
//! | `DURABLY_TEST_CACHE` | how many runs the workers keep in memory; 1000 unless set |
//! | `DURABLY_TEST_THREADS` | how many threads run workflow code; 1 unless set |
//! | `DURABLY_TEST_INTERCEPTORS` | if set, workers have workflow interceptors that change nothing |
//! | `DURABLY_TEST_CODEC` | if set, all payloads and headers are encoded on their way |
//! | `DURABLY_TEST_LOG` | what is logged, such as `durably=debug`; nothing unless set |
//! | `DURABLY_RECORD` | a folder to save the history of each finished workflow in, as binary `.pb` |
//!
//! Each history whose result a test asks for ([`Test::result`]) is replayed with the code of the test's
//! workers, and so are those of its children and of the runs it goes on in.
//!
//! Nothing here sleeps and hopes: what a test waits for, it looks for until it is there, or fails
//! with what it saw ([`eventually`]).

mod codec;
pub mod comparison;
mod dev_server;
mod events;
mod eventually;
mod pass_on;
mod record;
mod replays;
mod sagas;
mod test;
pub mod trees;
mod warnings;
mod worker;

pub use codec::Scramble;
pub use dev_server::{DevServer, free_port};
pub use events::{Events, fetch};
pub use eventually::{DEADLINE, eventually, in_time};
pub use pass_on::{PassOn, PutAround};
pub use sagas::{Figures, Sagas};
pub use test::Test;
pub use warnings::warnings;
pub use worker::RunningWorker;
