//! What the code of workflows must not do, and a scan of Rust tokens for it.
//!
//! The attribute macros of Durably refuse what they see in a workflow's body; `cargo durably lint`
//! follows the calls from there. Both go by the rules here.
//!
//! ```
//! use durably_determinism::{Mention, rule_for, scan};
//!
//! let body: proc_macro2::TokenStream = "{ let now = std::time::Instant::now(); }".parse().unwrap();
//! let mut remedies = Vec::new();
//! scan(&body, &mut |mention| {
//!     if let Mention::Path(path) = mention
//!         && let Some(rule) = rule_for(&path)
//!     {
//!         remedies.push((path.text(), rule.instead));
//!     }
//! });
//! assert_eq!(remedies, [("std::time::Instant::now".to_owned(), "`ctx.now()`")]);
//! ```
//!
//! * Bodies are read as tokens: a half-typed body is read as far as it goes, and the arguments of
//!   macros (`format!`, `select!`) are read like everything else.
//! * Only what is written out as a path can be seen.
//! * What is exempt: the arguments of `allow_nondeterminism!`, and those of `side_effect` and
//!   `mutable_side_effect`, whose results are recorded.

mod path;
mod rules;
mod scan;

pub use path::Path;
pub use rules::{Rule, rule_for, rules};
pub use scan::{Mention, Method, scan};
