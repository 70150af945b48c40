#[allow(non_camel_case_types)]
trait OrderSaga_workflow {
    fn cancel(&self);
}
impl OrderSaga_workflow for OrderSaga {
    fn cancel(&self) {}
}
