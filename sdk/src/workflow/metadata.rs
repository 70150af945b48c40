//! What a run says of itself to who looks at it.

use std::panic::Location;
use std::rc::Rc;

use durably_engine::UpdateIdentity;

use super::WorkflowContext;
use crate::payload::{Memo, SearchAttributes};

impl WorkflowContext {
    /// Changes search attributes, by which workflows are found. Those not named stay as they are.
    ///
    /// ```
    /// # use durably::prelude::*;
    /// use durably::payload::{SearchAttributeKey, SearchAttributes};
    ///
    /// const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("OrderStatus");
    ///
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.upsert_search_attributes(&SearchAttributes::new().set(&STATUS, "shipped".to_owned())?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Determinism
    /// Records `UpsertWorkflowSearchAttributes`. An attribute that the namespace does not know
    /// fails the workflow task.
    #[track_caller]
    pub fn upsert_search_attributes(&self, changes: &SearchAttributes) {
        let fields = changes.payloads().clone();
        self.engine
            .upsert_search_attributes(fields, Location::caller());
    }

    /// Changes fields of the memo. Those not named stay as they are; one that is set to `None` is
    /// removed.
    ///
    /// # Determinism
    /// Records `WorkflowPropertiesModified`.
    #[track_caller]
    pub fn upsert_memo(&self, changes: &Memo) {
        let fields = changes.payloads().clone();
        self.engine.upsert_memo(fields, Location::caller());
    }

    /// Says in a few words (Markdown) what the workflow is doing now; the web UI shows it.
    ///
    /// # Determinism
    /// Not recorded: a replay says it again.
    pub fn set_current_details(&self, details: &str) {
        self.engine.set_current_details(details);
    }

    /// What [`set_current_details`](Self::set_current_details) said last.
    pub fn current_details(&self) -> Rc<str> {
        self.engine.current_details()
    }

    /// Whether no handler of a signal or an update is in progress. A workflow that ends cuts them
    /// off, so a careful one waits before it ends:
    ///
    /// ```
    /// # use durably::prelude::*;
    /// # async fn example(ctx: &WorkflowContext) -> WorkflowResult<()> {
    /// ctx.wait_until(|| ctx.all_handlers_finished()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn all_handlers_finished(&self) -> bool {
        self.engine.all_handlers_finished()
    }

    /// The update whose handler, or validator, is running: its id, name and sender. None elsewhere.
    pub fn current_update(&self) -> Option<Rc<UpdateIdentity>> {
        self.engine.current_update()
    }
}
