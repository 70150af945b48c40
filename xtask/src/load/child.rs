//! A process that this one started: its lines, its end.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::LoadError;

/// How long a process may take to end when asked to.
const END_LIMIT: Duration = Duration::from_secs(5);
const PERIOD: Duration = Duration::from_millis(20);

/// A running process. It ends when this value is dropped; and since each of these programs ends
/// with its standard input, also when this program is killed.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Where its messages go, if not to the terminal.
    log: Option<PathBuf>,
}

impl Process {
    /// Starts a program; what it prints to standard output is read line by line.
    pub(super) fn start(
        name: &str,
        command: &mut Command,
        log: Option<PathBuf>,
    ) -> Result<Self, LoadError> {
        let start = |source| LoadError::Start {
            program: name.to_owned(),
            source,
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(start)?;
        let (sender, lines) = channel();
        let output = child.stdout.take();
        std::thread::spawn(move || {
            // A line that is no text ends the reading; whoever waits for lines then says so.
            let lines = output
                .into_iter()
                .flat_map(|output| BufReader::new(output).lines());
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            name: name.to_owned(),
            input: child.stdin.take(),
            child,
            lines,
            log,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line, while `watched` processes have to live.
    pub(super) fn line(
        &mut self,
        expected: &str,
        limit: Duration,
        watched: &mut [&mut Self],
    ) -> Result<String, LoadError> {
        let give_up = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(PERIOD) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= give_up => {
                    return Err(LoadError::Late {
                        program: self.name.clone(),
                        expected: expected.to_owned(),
                        seconds: limit.as_secs(),
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.wait(END_LIMIT)?;
                    return Err(self.ended(&status.to_string(), expected));
                }
            }
            for process in &mut *watched {
                process.check_alive("serve")?;
            }
        }
    }

    /// An error if the process has ended.
    pub(super) fn check_alive(&mut self, expected: &str) -> Result<(), LoadError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.ended(&status.to_string(), expected)),
            Err(error) => Err(self.ended(&error.to_string(), expected)),
        }
    }

    /// Sends an empty line.
    pub(super) fn go_on(&mut self) -> Result<(), LoadError> {
        let sent = self
            .input
            .as_mut()
            .map_or(Ok(()), |input| input.write_all(b"\n"));
        sent.map_err(|error| self.ended(&error.to_string(), "go on"))
    }

    /// Waits for a successful end.
    pub(super) fn success(&mut self, expected: &str, limit: Duration) -> Result<(), LoadError> {
        let status = self.wait(limit)?;
        if status.success() {
            return Ok(());
        }
        Err(self.ended(&status.to_string(), expected))
    }

    fn wait(&mut self, limit: Duration) -> Result<ExitStatus, LoadError> {
        let give_up = Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if Instant::now() < give_up => sleep(PERIOD),
                Ok(None) => {
                    return Err(LoadError::Late {
                        program: self.name.clone(),
                        expected: "end".to_owned(),
                        seconds: limit.as_secs(),
                    });
                }
                Err(error) => return Err(self.ended(&error.to_string(), "end")),
            }
        }
    }

    /// The error for a line that is not the one expected.
    pub(super) fn unexpected(&self, line: String, expected: &'static str) -> LoadError {
        LoadError::Line {
            program: self.name.clone(),
            line,
            expected,
        }
    }

    fn ended(&self, status: &str, expected: &str) -> LoadError {
        LoadError::Ended {
            program: self.name.clone(),
            status: status.to_owned(),
            expected: expected.to_owned(),
            log: self.log.clone(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        if self.wait(END_LIMIT).is_err() {
            // It may have ended just now; then there is nothing left to end.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
