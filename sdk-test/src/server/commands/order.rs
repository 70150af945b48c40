//! The order of commands, wrong only in a worker with a fault: the call is refused and nothing else
//! happens.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::enums::v1::CommandType;

use crate::server::refusal::{Answer, invalid};

/// Refuses unknown commands, and any that stand behind one that ends the run.
pub(crate) fn check_order(commands: &[Command]) -> Answer<()> {
    for command in commands {
        if command.command_type() == CommandType::Unspecified {
            return Err(invalid("unknown command type: Unspecified"));
        }
    }
    let closes = |command: &Command| closes(command.command_type());
    let Some(place) = commands.iter().position(closes) else {
        return Ok(());
    };
    if place + 1 == commands.len() {
        return Ok(());
    }
    let names: Vec<_> = commands
        .iter()
        .map(|command| name(command.command_type()))
        .collect();
    Err(invalid(format!(
        "invalid command sequence: [{}], command {} must be the last command.",
        names.join(", "),
        names[place]
    )))
}

/// Whether a command ends the run.
pub(crate) fn closes(command: CommandType) -> bool {
    matches!(
        command,
        CommandType::CompleteWorkflowExecution
            | CommandType::FailWorkflowExecution
            | CommandType::CancelWorkflowExecution
            | CommandType::ContinueAsNewWorkflowExecution
    )
}

/// The command's name in one word, as messages have it.
pub(crate) fn name(command: CommandType) -> String {
    let name = command.as_str_name().trim_start_matches("COMMAND_TYPE_");
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        format!("{first}{}", rest.to_lowercase())
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(command_type: CommandType) -> Command {
        Command {
            command_type: command_type.into(),
            ..Command::default()
        }
    }

    #[test]
    fn nothing_follows_the_end() {
        let commands = [
            CommandType::CompleteWorkflowExecution,
            CommandType::StartTimer,
        ];
        let status = check_order(&commands.map(command)).unwrap_err();
        assert_eq!(
            status.message(),
            "invalid command sequence: [CompleteWorkflowExecution, StartTimer], command \
             CompleteWorkflowExecution must be the last command."
        );
        assert!(check_order(&commands.map(command)[1..]).is_ok());
    }

    #[test]
    fn unknown_commands_are_refused() {
        let status = check_order(&[command(CommandType::Unspecified)]).unwrap_err();
        assert_eq!(status.message(), "unknown command type: Unspecified");
    }
}
