::core::compile_error! {
    "`#[workflow]` finds no `#[run]` method in this impl: mark the method that is the workflow's body with `#[run]`"
}
