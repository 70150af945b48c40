//! Actions in a few words, the same for both sides, and as calls of the API.

use std::fmt::Write;
use std::time::Duration;

use super::action::{Action, Kind};

impl Action {
    /// In words that fit a table: `activity "charge" (id 2)`.
    pub(super) fn phrase(&self) -> String {
        let mut phrase = self.title();
        if let Some(duration) = &self.duration {
            let _ = write!(phrase, " of {duration:?}");
        }
        let id = match self.kind {
            Kind::Activity | Kind::Timer | Kind::TimerCancel | Kind::Child => "id ",
            Kind::Signal => "to ",
            Kind::ExternalCancel => "workflow ",
            Kind::Nexus => "endpoint ",
            Kind::ActivityCancel | Kind::NexusCancel => "of event ",
            Kind::Version | Kind::SideEffect => "",
            _ => return phrase,
        };
        if !self.id.is_empty() {
            let _ = write!(phrase, " ({id}{})", self.id);
        }
        phrase
    }

    /// The same without ids: `activity "charge"`.
    pub(super) fn title(&self) -> String {
        let kind = match self.kind {
            Kind::Activity => "activity",
            Kind::ActivityCancel => "cancellation of an activity",
            Kind::Timer => "timer",
            Kind::TimerCancel => "cancellation of a timer",
            Kind::Child => "child workflow",
            Kind::Signal => "signal",
            Kind::ExternalCancel => "cancel request",
            Kind::Nexus => "Nexus operation",
            Kind::NexusCancel => "cancellation of a Nexus operation",
            Kind::Patch => "patch",
            Kind::DeprecatedPatch => "deprecated patch",
            Kind::Version => "version of",
            Kind::SideEffect => "side effect",
            Kind::LocalActivity => "local activity",
            Kind::OtherMarker => "marker",
            Kind::SearchAttributes => return format!("search attributes ({})", self.name),
            Kind::Memo => "memo",
            Kind::UpdateAccepted => "acceptance of update",
            Kind::UpdateRejected => "rejection of update",
            Kind::UpdateCompleted => "response to update",
            Kind::Complete => "end: completed",
            Kind::Fail => "end: failed",
            Kind::Cancel => "end: canceled",
            Kind::ContinueAsNew => "end: continued as new",
            Kind::Unknown => return self.name.clone(),
        };
        match self.name.is_empty() {
            true => kind.to_owned(),
            false => format!("{kind} \"{}\"", self.name),
        }
    }

    /// What it is called in the middle of a sentence: `charge`, `the timer of 60s`.
    pub(super) fn called(&self) -> String {
        match (&self.duration, self.kind) {
            (Some(duration), _) => format!("the timer of {duration:?}"),
            (None, Kind::Activity | Kind::Child | Kind::LocalActivity) if !self.name.is_empty() => {
                format!("`{}`", self.name)
            }
            _ if self.kind.is_end() => {
                format!("the run's {}", self.title().replace("end: ", "end, "))
            }
            _ => format!("the {}", self.title()),
        }
    }

    /// The call that makes it, for an example.
    pub(super) fn call(&self) -> String {
        let name = &self.name;
        match self.kind {
            Kind::Activity => called_by("activity", name, name),
            Kind::LocalActivity => called_by("local_activity", name, name),
            Kind::Child if name.starts_with(char::is_uppercase) => {
                called_by("child", name, &format!("{name}::run"))
            }
            Kind::Child => called_by("child", name, name),
            Kind::Timer => {
                let duration = self.duration.map_or("..".to_owned(), duration_call);
                format!("ctx.sleep({duration}).await?;")
            }
            Kind::Signal => format!("// the signal \"{}\" to another workflow", one_line(name)),
            Kind::Nexus => format!("ctx.nexus_operation(..).await?; // {}", one_line(name)),
            Kind::SearchAttributes => "ctx.upsert_search_attributes(..);".to_owned(),
            Kind::Memo => "ctx.upsert_memo(..);".to_owned(),
            Kind::Complete => "return Ok(..);".to_owned(),
            Kind::Fail => "return Err(..);".to_owned(),
            Kind::ContinueAsNew => "return ctx.continue_as_new(..);".to_owned(),
            _ => format!("// {}", one_line(&self.title())),
        }
    }

    /// A word for the id of a patch: `charge`, `timer`, `fail`.
    pub(super) fn slug(&self) -> String {
        let word = match self.kind {
            Kind::Complete => "complete",
            Kind::Fail => "fail",
            Kind::Cancel => "cancel",
            Kind::ContinueAsNew => "continue-as-new",
            Kind::Timer => "timer",
            Kind::SearchAttributes => "search-attributes",
            _ if self.name.is_empty() => return kebab(&self.title()),
            _ => return kebab(&self.name),
        };
        word.to_owned()
    }
}

fn called_by(method: &str, name: &str, path: &str) -> String {
    let is_path = path.split("::").all(|part| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|it| it.is_alphanumeric() || it == '_')
    });
    match is_path {
        true => format!("ctx.{method}({path}, ..).await?;"),
        false => format!("ctx.{method}_by_name({:?}, ..).await?;", one_line(name)),
    }
}

/// `60s` as an expression. Durations that are not whole seconds stay words.
fn duration_call(duration: Duration) -> String {
    match duration.subsec_nanos() {
        0 => format!("Duration::from_secs({})", duration.as_secs()),
        _ => format!("/* {duration:?} */"),
    }
}

/// Text of histories within code examples: it must not end a comment's line.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_alphanumeric() {
            let starts_word = letter.is_uppercase() && kebab.ends_with(char::is_lowercase);
            if starts_word {
                kebab.push('-');
            }
            kebab.extend(letter.to_lowercase());
        } else if !kebab.is_empty() && !kebab.ends_with('-') {
            kebab.push('-');
        }
    }
    let kebab: String = kebab.chars().take(40).collect();
    kebab.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer(seconds: u64) -> Action {
        Action {
            duration: Some(Duration::from_secs(seconds)),
            ..Action::new(Kind::Timer, "", "1")
        }
    }

    #[test]
    fn actions_in_words() {
        let charge = Action::new(Kind::Activity, "charge", "3");
        assert_eq!(charge.phrase(), r#"activity "charge" (id 3)"#);
        assert_eq!(timer(60).phrase(), "timer of 60s (id 1)");
        let end = Action::new(Kind::Complete, "", "");
        assert_eq!(end.phrase(), "end: completed");
    }

    #[test]
    fn actions_are_shown_as_calls() {
        let call = |kind, name| Action::new(kind, name, "3").call();
        assert_eq!(
            call(Kind::Activity, "charge"),
            "ctx.activity(charge, ..).await?;"
        );
        assert_eq!(
            call(Kind::Activity, "charge-card"),
            r#"ctx.activity_by_name("charge-card", ..).await?;"#
        );
        assert_eq!(
            call(Kind::Child, "Parcel"),
            "ctx.child(Parcel::run, ..).await?;"
        );
        assert_eq!(
            timer(60).call(),
            "ctx.sleep(Duration::from_secs(60)).await?;"
        );
        let short = Action {
            duration: Some(Duration::from_millis(1500)),
            ..timer(1)
        };
        assert_eq!(short.call(), "ctx.sleep(/* 1.5s */).await?;");
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(kebab("chargeCard Now!"), "charge-card-now");
        assert_eq!(kebab("send_mail"), "send-mail");
    }
}
