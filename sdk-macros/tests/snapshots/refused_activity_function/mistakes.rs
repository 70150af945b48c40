::core::compile_error! {
    "unknown option `timeout`; for one attempt write `start_to_close_timeout`, for all attempts `schedule_to_close_timeout`"
}
::core::compile_error! {
    "an activity cannot be generic: its name stands for one set of types on the wire; write one function for each type that calls a generic one"
}
::core::compile_error! {
    "an activity cannot borrow its parameters: they are decoded from payloads and belong to it; take `Order`"
}
