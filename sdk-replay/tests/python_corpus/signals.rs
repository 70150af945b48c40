//! Signals: before the first task, together, buffered, with handlers that wait; continue-as-new.

use std::rc::Rc;

use durably::payload::Payload;
use durably::prelude::*;
use durably::workflow::Queue;
use serde_json::Value;

use crate::calls::{done, echo, local, millis, remote, unknown_case};

#[derive(Default)]
pub(crate) struct Signals {
    words: State<usize>,
    queue: Queue<String>,
    done: State<bool>,
}

#[workflow(name = "Signals")]
impl Signals {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, case: String) -> WorkflowResult<Value> {
        match case.as_str() {
            "until_done" => {
                ctx.wait_until(|| self.done.get()).await?;
                ctx.wait_until(|| ctx.all_handlers_finished()).await?;
            }
            "works_per_word" => {
                while !self.done.get() || !self.queue.is_empty() {
                    ctx.wait_until(|| self.done.get() || !self.queue.is_empty())
                        .await?;
                    while self.queue.try_pop().is_some() {
                        echo(ctx).await?;
                    }
                }
            }
            "from_queue" => {
                for _ in 0..3 {
                    self.queue.pop().await;
                    echo(ctx).await?;
                }
            }
            "during_activity" => return Ok(remote(ctx, "slow").await?),
            "main_and_handler" => {
                echo(ctx).await?;
                ctx.wait_until(|| self.words.get() == 2).await?;
                echo(ctx).await?;
            }
            "registered_later" => self.registered_later(ctx).await?,
            "with_timeouts" => {
                for counted in 0..3 {
                    let more = ctx.wait_until(|| self.words.get() > counted);
                    if !more.timeout(millis(400)).await? {
                        echo(ctx).await?;
                    }
                }
            }
            "continues" => {
                let rounds: u32 = ctx.info().memo().get("rounds")?.unwrap_or_default();
                ctx.wait_until(|| self.words.get() >= 2).await?;
                if rounds < 2 {
                    echo(ctx).await?;
                    ctx.upsert_search_attributes(&crate::timers::keyword("round")?);
                    return ctx.continue_as_new(Self::run, case);
                }
            }
            "continues_at_once" => {
                if ctx.info().continued_run_id().is_none() {
                    return ctx.continue_as_new(Self::run, case);
                }
                echo(ctx).await?;
            }
            _ => return Err(unknown_case(&case)),
        }
        done()
    }

    #[signal]
    fn word(&self, word: String) {
        self.words.update(|words| *words += 1);
        self.queue.push(word);
    }

    #[signal]
    async fn work(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<()> {
        echo(ctx).await?;
        self.words.update(|words| *words += 1);
        Ok(())
    }

    #[signal]
    async fn wait(&self, ctx: &WorkflowContext, _word: String) -> WorkflowResult<()> {
        ctx.sleep(millis(100)).await?;
        local(ctx, "echo").await?;
        self.words.update(|words| *words += 1);
        Ok(())
    }

    #[signal]
    fn finish(&self) {
        self.done.set(true);
    }

    async fn registered_later(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        let words = Rc::new(State::new(0));
        echo(ctx).await?;
        let late = words.clone();
        ctx.on_signal("late", move |_: (String,)| {
            late.update(|words| *words += 1);
            async { Ok(()) }
        });
        ctx.wait_until(|| words.get() == 2).await?;
        let (later, inner) = (words.clone(), ctx.clone());
        ctx.on_signal("later", move |_: (String,)| {
            let (later, ctx) = (later.clone(), inner.clone());
            async move {
                echo(&ctx).await?;
                later.update(|words| *words += 1);
                Ok(())
            }
        });
        ctx.wait_until(|| words.get() == 3).await?;
        echo(ctx).await?;
        Ok(())
    }
}

/// The case with a handler of every signal, which the others must not have.
#[derive(Default)]
pub(crate) struct AnySignal {
    words: State<usize>,
}

#[workflow(name = "Signals")]
impl AnySignal {
    #[run]
    pub(crate) async fn run(&self, ctx: &WorkflowContext, _case: String) -> WorkflowResult<Value> {
        ctx.wait_until(|| self.words.get() == 2).await?;
        Ok(echo(ctx).await?)
    }

    #[signal(dynamic)]
    fn any(&self, _name: String, _arguments: Vec<Payload>) {
        self.words.update(|words| *words += 1);
    }
}
