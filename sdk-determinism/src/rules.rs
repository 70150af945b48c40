//! What workflow code must not do, why, and what it does instead.

use crate::Path;

/// Paths that share a reason and a remedy.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// See [`Path::matches`].
    pub patterns: &'static [&'static str],
    /// Paths that the patterns match and the rule does not mean.
    pub except: &'static [&'static str],
    /// What it does, as the rest of a sentence, and why that does not replay.
    pub why: &'static str,
    /// What to write instead.
    pub instead: &'static str,
}

impl Rule {
    fn forbids(&self, path: &Path) -> bool {
        let matches = |patterns: &[&str]| patterns.iter().any(|pattern| path.matches(pattern));
        matches(self.patterns) && !matches(self.except)
    }
}

/// The first rule that forbids the path.
pub fn rule_for(path: &Path) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.forbids(path))
}

/// All rules.
pub fn rules() -> &'static [Rule] {
    RULES
}

const RULES: &[Rule] = &[
    Rule {
        patterns: &[
            "SystemTime::now",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "OffsetDateTime::now_utc",
            "OffsetDateTime::now_local",
            "UtcDateTime::now",
            "Timestamp::now",
            "Zoned::now",
        ],
        except: &[],
        why: "reads the clock of this machine, which a replay reads at another time",
        instead: "`ctx.now()`",
    },
    Rule {
        patterns: &[
            "time::sleep",
            "time::sleep_until",
            "time::interval",
            "time::interval_at",
            "task::sleep",
            "Timer::after",
            "Delay::new",
        ],
        except: &[],
        why: "is a timer of this process, which is lost with it and which a replay cannot repeat",
        instead: "`ctx.sleep(duration)`, a durable timer, or `ctx.ticker(period)`",
    },
    Rule {
        patterns: &["time::timeout", "time::timeout_at"],
        except: &[],
        why: "is a timer of this process, which is lost with it and which a replay cannot repeat",
        instead: "`ctx.timeout(duration, future)`",
    },
    Rule {
        patterns: &[
            "tokio::spawn",
            "tokio::task::*",
            "task::spawn",
            "task::spawn_local",
        ],
        except: &["tokio::task::spawn_blocking", "tokio::task::block_in_place"],
        why: "runs a task that the workflow does not order, so a replay may see another order",
        instead: "`ctx.spawn(future)`",
    },
    Rule {
        patterns: &["task::spawn_blocking", "task::block_in_place"],
        except: &[],
        why: "leaves the workflow's thread, and what comes back is not recorded",
        instead: "an activity that is not `async`, which runs on the blocking pool",
    },
    Rule {
        patterns: &[
            "tokio::runtime::*",
            "executor::block_on",
            "Runtime::new",
            "Handle::current",
        ],
        except: &[],
        why: "runs futures outside of the workflow's own order",
        instead: "`.await`, or `ctx.spawn(future)`",
    },
    Rule {
        patterns: &[
            "tokio::select!",
            "futures::select!",
            "futures_util::select!",
        ],
        except: &[],
        why: "picks a ready branch at random, so a replay may pick another",
        instead: "`durably::select!`, which polls in the order written",
    },
    Rule {
        patterns: &["tokio::join!", "tokio::try_join!"],
        except: &[],
        why: "polls its branches in an order of its own, which is not the workflow's",
        instead: "`durably::join!` or `durably::try_join!`",
    },
    Rule {
        patterns: &[
            "tokio::sync::*",
            "mpsc::channel",
            "mpsc::unbounded_channel",
            "oneshot::channel",
        ],
        except: &[],
        why: "can be woken from outside of the workflow, in an order that is not recorded",
        instead: "a `Queue`, `channel`, `Mutex` or `Semaphore` of `durably::workflow`",
    },
    Rule {
        patterns: &[
            "sync::mpsc",
            "sync::mpsc::*",
            "Condvar::new",
            "Barrier::new",
        ],
        except: &[],
        why: "blocks the thread that runs this and other workflows",
        instead: "a `State` with `ctx.wait_until(..)`, or a `channel` of `durably::workflow`",
    },
    Rule {
        patterns: &[
            "rand::random",
            "rand::random_bool",
            "rand::random_iter",
            "rand::random_range",
            "rand::rng",
            "thread_rng",
            "rand::thread_rng",
            "fastrand::*",
            "getrandom::*",
            "nanoid!",
        ],
        except: &["Rng::with_seed"],
        why: "gives other values on replay",
        instead: "`ctx.random()`, which is seeded by the run",
    },
    Rule {
        patterns: &[
            "OsRng::default",
            "SysRng::default",
            "StdRng::from_entropy",
            "StdRng::from_os_rng",
            "SmallRng::from_entropy",
            "SmallRng::from_os_rng",
            "ChaCha8Rng::from_entropy",
            "ChaCha8Rng::from_os_rng",
            "ChaCha20Rng::from_entropy",
            "ChaCha20Rng::from_os_rng",
        ],
        except: &[],
        why: "is seeded by the system, so it gives other values on replay",
        instead: "`ctx.random()`, which is seeded by the run",
    },
    Rule {
        patterns: &[
            "Uuid::new_v4",
            "Uuid::new_v7",
            "Uuid::now_v1",
            "Uuid::now_v6",
            "Uuid::now_v7",
            "Ulid::new",
        ],
        except: &[],
        why: "gives another id on replay",
        instead: "`ctx.uuid()`, which is seeded by the run",
    },
    Rule {
        patterns: &["thread::sleep"],
        except: &[],
        why: "blocks the thread that runs this and other workflows, and is not recorded",
        instead: "`ctx.sleep(duration)`, a durable timer",
    },
    Rule {
        patterns: &[
            "std::thread::*",
            "thread::spawn",
            "thread::scope",
            "thread::park",
            "thread::Builder::new",
            "rayon::spawn",
        ],
        except: &[],
        why: "runs code beside the workflow, in an order that is not recorded",
        instead: "`ctx.spawn(future)`, or an activity for heavy work",
    },
    Rule {
        patterns: &[
            "std::fs::*",
            "tokio::fs::*",
            "fs::read",
            "fs::read_to_string",
            "fs::read_dir",
            "fs::write",
            "fs::create_dir",
            "fs::create_dir_all",
            "fs::remove_file",
            "fs::remove_dir_all",
            "fs::metadata",
            "fs::exists",
            "File::open",
            "File::create",
            "OpenOptions::new",
        ],
        except: &[],
        why: "uses this machine's files, which a replay finds changed or elsewhere",
        instead: "an activity",
    },
    Rule {
        patterns: &[
            "tokio::net::*",
            "TcpStream::connect",
            "TcpListener::bind",
            "UdpSocket::bind",
            "UnixStream::connect",
            "reqwest::*",
            "ureq::*",
            "isahc::*",
            "surf::*",
            "sqlx::*",
        ],
        except: &[],
        why: "talks to the network, which answers otherwise on replay",
        instead: "an activity",
    },
    Rule {
        patterns: &[
            "std::env::*",
            "env::var",
            "env::var_os",
            "env::vars",
            "env::args",
            "env::current_dir",
        ],
        except: &[],
        why: "reads this machine's environment, which another worker does not share",
        instead: "a parameter of the workflow, or an activity",
    },
    Rule {
        patterns: &[
            "std::process::*",
            "tokio::process::*",
            "process::exit",
            "process::id",
            "process::abort",
        ],
        except: &[],
        why: "acts on this process or starts another, on every replay anew",
        instead: "an activity",
    },
    Rule {
        patterns: &["io::stdin", "io::read_to_string"],
        except: &[],
        why: "waits for input of this process, which a replay does not get",
        instead: "a signal",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_reads_as_a_sentence() {
        for rule in RULES {
            assert!(!rule.patterns.is_empty());
            for text in [rule.why, rule.instead] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }
}
