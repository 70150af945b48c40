#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_run<OrderSaga> {
    type Target = for<'a> fn(
        &'a OrderSaga,
        &'a ::durably::__private::WorkflowContext,
        Order,
    ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<Receipt>>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __context, __parameter_0| ::durably::__private::Box::pin(
            <OrderSaga as OrderSaga_workflow>::run(__receiver, __context, __parameter_0),
        ))
            as for<'a> fn(
                &'a OrderSaga,
                &'a ::durably::__private::WorkflowContext,
                Order,
            ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<Receipt>>)
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_cancel<OrderSaga> {
    type Target = for<'a> fn(&'a OrderSaga, String) -> ();
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __parameter_0| <OrderSaga as OrderSaga_workflow>::cancel(
            __receiver,
            __parameter_0,
        )) as for<'a> fn(&'a OrderSaga, String) -> ())
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_delivered<OrderSaga> {
    type Target = for<'a> fn(
        ::durably::__private::Rc<OrderSaga>,
        &'a ::durably::__private::WorkflowContext,
    ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<()>>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __context| ::durably::__private::Box::pin(
            <OrderSaga as OrderSaga_workflow>::delivered(__receiver, __context),
        ))
            as for<'a> fn(
                ::durably::__private::Rc<OrderSaga>,
                &'a ::durably::__private::WorkflowContext,
            ) -> ::durably::__private::LocalBoxFuture<'a, WorkflowResult<()>>)
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_status<OrderSaga> {
    type Target = for<'a> fn(&'a OrderSaga) -> Status;
    fn deref(&self) -> &Self::Target {
        &((|__receiver| <OrderSaga as OrderSaga_workflow>::status(__receiver))
            as for<'a> fn(&'a OrderSaga) -> Status)
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_total<OrderSaga> {
    type Target = for<'a> fn(
        &'a OrderSaga,
        &'a ::durably::__private::WorkflowContext,
        Currency,
    ) -> Result<u64, Unknown>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __context, __parameter_0| <OrderSaga as OrderSaga_workflow>::total(
            __receiver,
            __context,
            __parameter_0,
        ))
            as for<'a> fn(
                &'a OrderSaga,
                &'a ::durably::__private::WorkflowContext,
                Currency,
            ) -> Result<u64, Unknown>)
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_change_address<OrderSaga> {
    type Target = for<'a> fn(
        &'a OrderSaga,
        Address,
    ) -> ::durably::__private::LocalBoxFuture<'a, Result<Address, Unknown>>;
    fn deref(&self) -> &Self::Target {
        &((|__receiver, __parameter_0| ::durably::__private::Box::pin(
            <OrderSaga as OrderSaga_workflow>::change_address(__receiver, __parameter_0),
        ))
            as for<'a> fn(
                &'a OrderSaga,
                Address,
            ) -> ::durably::__private::LocalBoxFuture<'a, Result<Address, Unknown>>)
    }
}
#[automatically_derived]
impl ::durably::__private::Deref for OrderSaga_touch<OrderSaga> {
    type Target = for<'a> fn(&'a OrderSaga) -> ();
    fn deref(&self) -> &Self::Target {
        &((|__receiver| <OrderSaga as OrderSaga_workflow>::touch(__receiver))
            as for<'a> fn(&'a OrderSaga) -> ())
    }
}
