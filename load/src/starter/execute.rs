//! From the command to what does it.

use super::{Command, StarterError, readiness, run};

/// Does what the command line says.
///
/// # Errors
/// Something failed; the error says what.
pub async fn execute(command: Command) -> Result<(), StarterError> {
    match command {
        Command::Ready {
            address,
            namespace,
            task_queue,
        } => {
            let service = readiness::server(&address, &namespace).await?;
            match task_queue {
                Some(task_queue) => readiness::pollers(&service, &task_queue).await,
                None => Ok(()),
            }
        }
        Command::Run(arguments) => run::run(arguments).await,
    }
}
