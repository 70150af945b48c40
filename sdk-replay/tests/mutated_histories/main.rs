//! Histories that were damaged, made up or meant to harm: a replay and its reports answer, and nothing
//! panics but the workflows' own code. `fuzz/` looks for more; what it found is in `tests/finds`.

#[path = "../python_corpus/activities.rs"]
mod activities;
#[path = "../python_corpus/calls.rs"]
mod calls;
#[path = "../python_corpus/canceled.rs"]
mod canceled;
#[path = "../python_corpus/children.rs"]
mod children;
#[path = "../python_corpus/corpus.rs"]
#[allow(dead_code, reason = "each test uses a part")]
mod corpus;
mod dice;
#[path = "../python_corpus/ends.rs"]
mod ends;
#[path = "../python_corpus/external.rs"]
mod external;
mod fields;
#[path = "../go_markers/workflow.rs"]
#[allow(dead_code, reason = "the result is looked at where histories are good")]
mod go_markers;
#[path = "../python_corpus/local.rs"]
mod local;
mod mutate;
#[path = "../python_corpus/nexus.rs"]
mod nexus;
#[path = "../python_corpus/patches.rs"]
mod patches;
mod replays;
#[path = "../python_corpus/signals.rs"]
#[allow(dead_code, reason = "each test uses a part")]
mod signals;
#[path = "../python_corpus/tasks.rs"]
mod tasks;
mod tests;
#[path = "../python_corpus/timers.rs"]
mod timers;
#[path = "../python_corpus/updates.rs"]
mod updates;
