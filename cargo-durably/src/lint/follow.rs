//! The functions that workflows call, and what they call, and what of it is forbidden.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use durably_determinism::{Mention, Method, Path, Rule, rule_for, scan};

use super::finding::{Finding, Step};
use super::items::{Function, FunctionId, Items, Kind, ModuleId};
use super::resolve::Resolved;

/// Methods that the standard library and the SDK have under the same name: a call of one says nothing
/// of the crate's own, unless its type is known.
const COMMON: &[&str] = &[
    "activity",
    "all",
    "and_then",
    "any",
    "as_bytes",
    "as_mut",
    "as_ref",
    "as_str",
    "await_result",
    "borrow",
    "borrow_mut",
    "call",
    "cancel",
    "chain",
    "chars",
    "checked_add",
    "child",
    "clear",
    "clone",
    "cloned",
    "cmp",
    "collect",
    "contains",
    "contains_key",
    "copied",
    "count",
    "deref",
    "drain",
    "drop",
    "entry",
    "enumerate",
    "eq",
    "err",
    "execute",
    "expect",
    "extend",
    "filter",
    "filter_map",
    "find",
    "first",
    "flush",
    "fmt",
    "fold",
    "from",
    "get",
    "get_mut",
    "hash",
    "id",
    "index",
    "info",
    "insert",
    "into",
    "into_iter",
    "is_empty",
    "is_none",
    "is_some",
    "iter",
    "iter_mut",
    "join",
    "keys",
    "last",
    "len",
    "lines",
    "load",
    "lock",
    "map",
    "map_err",
    "max",
    "min",
    "name",
    "new",
    "next",
    "now",
    "ok",
    "or_else",
    "parse",
    "partial_cmp",
    "poll",
    "pop",
    "position",
    "push",
    "read",
    "recv",
    "remove",
    "replace",
    "result",
    "retain",
    "rev",
    "run",
    "select",
    "send",
    "set",
    "signal",
    "skip",
    "sleep",
    "sort",
    "spawn",
    "split",
    "start",
    "store",
    "sum",
    "take",
    "then",
    "timeout",
    "to_owned",
    "to_string",
    "trim",
    "try_from",
    "try_into",
    "unwrap",
    "unwrap_or",
    "update",
    "value",
    "values",
    "wait",
    "with",
    "write",
    "zip",
];

/// A function that a workflow reaches.
#[derive(Debug, Clone, Copy)]
struct Reached {
    function: FunctionId,
    /// From where, as a place in the list of those reached.
    from: Option<usize>,
    by_name: bool,
}

impl Items {
    /// What is forbidden in all that workflows reach, each with the shortest way to it, in the order
    /// of files and lines.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let methods = self.methods_by_name();
        let mut reached: Vec<Reached> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut pending = VecDeque::new();
        for (function, _) in self
            .functions
            .iter()
            .enumerate()
            .filter(|(_, it)| it.kind == Kind::Workflow)
        {
            seen.insert(function);
            pending.push_back(reached.len());
            reached.push(Reached {
                function,
                from: None,
                by_name: false,
            });
        }
        let mut findings = Vec::new();
        while let Some(at) = pending.pop_front() {
            let function = &self.functions[reached[at].function];
            for mention in mentions(function) {
                let next = match mention {
                    Mention::Path(path) => match self.path(function, path) {
                        Named::Function(next) => Some((next, false)),
                        Named::Forbidden(forbidden) => {
                            let chain = self.chain(&reached, at);
                            findings.push(self.finding(function, &forbidden, chain));
                            None
                        }
                        Named::Other => None,
                    },
                    Mention::Method(method) => self.called_method(function, &method, &methods),
                    _ => None,
                };
                let Some((next, by_name)) = next else {
                    continue;
                };
                // Activities do not run in the workflow; workflows are begun with.
                if self.functions[next].kind == Kind::Plain && seen.insert(next) {
                    pending.push_back(reached.len());
                    reached.push(Reached {
                        function: next,
                        from: Some(at),
                        by_name,
                    });
                }
            }
        }
        findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        // A file may be of several crates.
        findings.dedup_by(|a, b| (&a.file, a.line, a.column) == (&b.file, b.line, b.column));
        findings
    }

    fn path(&self, function: &Function, path: Path) -> Named {
        let words = path.words();
        let is_variable = matches!(words, [word] if function.variables.contains(word));
        if is_variable && !path.is_macro() && !path.is_called() {
            return Named::Other;
        }
        let meant = match self.resolve(function, words) {
            Resolved::Function(next) if !path.is_macro() => return Named::Function(next),
            Resolved::Foreign(words) => path.clone().with_words(words),
            Resolved::Unknown => path.clone(),
            // A macro of the crate's own has the name of another thing, at most.
            _ => return Named::Other,
        };
        match rule_for(&meant) {
            Some(rule) => Named::Forbidden(Forbidden { path, meant, rule }),
            None => Named::Other,
        }
    }

    /// The method that is called, and whether only its name says so.
    fn called_method(
        &self,
        function: &Function,
        method: &Method,
        methods: &BTreeMap<(ModuleId, &str), Vec<FunctionId>>,
    ) -> Option<(FunctionId, bool)> {
        let name = method.name.to_string();
        let receiver = method.receiver.as_deref();
        if receiver.is_some_and(|receiver| function.contexts.contains(receiver)) {
            return None;
        }
        if receiver == Some("self")
            && let Some((module, owner)) = self.type_of(function)
            && let Resolved::Function(found) = self.method(module, &owner, &name)
        {
            return Some((found, false));
        }
        if COMMON.contains(&name.as_str()) {
            return None;
        }
        let root = self.modules[function.module].root;
        match methods.get(&(root, name.as_str()))?[..] {
            [only] => Some((only, true)),
            _ => None,
        }
    }

    /// The methods of each crate, by their names.
    fn methods_by_name(&self) -> BTreeMap<(ModuleId, &str), Vec<FunctionId>> {
        let mut methods = BTreeMap::<_, Vec<_>>::new();
        for (id, function) in self
            .functions
            .iter()
            .enumerate()
            .filter(|(_, it)| it.takes_self)
        {
            let root = self.modules[function.module].root;
            methods
                .entry((root, function.name.as_str()))
                .or_default()
                .push(id);
        }
        methods
    }

    fn chain(&self, reached: &[Reached], at: usize) -> Vec<Step> {
        let ids = std::iter::successors(Some(at), |at| reached[*at].from);
        let mut chain: Vec<_> = ids
            .map(|at| Step {
                function: self.functions[reached[at].function].text(),
                by_name: reached[at].by_name,
            })
            .collect();
        chain.reverse();
        chain
    }

    fn finding(&self, function: &Function, forbidden: &Forbidden, chain: Vec<Step>) -> Finding {
        let Forbidden { path, meant, rule } = forbidden;
        let (text, meaning) = (path.text(), meant.text());
        let first = path.tokens().clone().into_iter().next();
        let start = first
            .map_or_else(proc_macro2::Span::call_site, |token| token.span())
            .start();
        Finding {
            file: shown(&self.modules[function.module].file),
            line: start.line,
            column: start.column + 1,
            meaning: Some(meaning).filter(|meaning| !meaning.ends_with(&text)),
            path: text,
            rule,
            chain,
        }
    }
}

/// What a path means to a workflow.
enum Named {
    Function(FunctionId),
    Forbidden(Forbidden),
    Other,
}

/// A path that a rule forbids.
struct Forbidden {
    path: Path,
    /// The path with imports followed.
    meant: Path,
    rule: &'static Rule,
}

fn mentions(function: &Function) -> Vec<Mention> {
    let mut mentions = Vec::new();
    scan(&function.body, &mut |mention| mentions.push(mention));
    mentions
}

/// The path as seen from the current folder.
fn shown(file: &std::path::Path) -> PathBuf {
    let folder = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&folder).unwrap_or(file).to_owned()
}
