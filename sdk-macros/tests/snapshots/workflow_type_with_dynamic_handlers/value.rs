#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct Inbox_run<T = Inbox>(::durably::__private::PhantomData<fn() -> T>);
#[automatically_derived]
impl ::durably::__private::Clone for Inbox_run<Inbox> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for Inbox_run<Inbox> {}
#[automatically_derived]
impl ::durably::__private::Debug for Inbox_run<Inbox> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("Inbox::run")
    }
}
