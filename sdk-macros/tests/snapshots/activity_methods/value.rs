#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
pub struct Inventory_reserve<T = Inventory>(
    ::durably::__private::PhantomData<fn() -> T>,
);
#[automatically_derived]
impl ::durably::__private::Clone for Inventory_reserve<Inventory> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::durably::__private::Copy for Inventory_reserve<Inventory> {}
#[automatically_derived]
impl ::durably::__private::Debug for Inventory_reserve<Inventory> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("Inventory::reserve")
    }
}
#[cfg(feature = "checksum")]
#[doc(hidden)]
#[allow(non_camel_case_types, unnameable_types, unreachable_pub)]
struct Inventory_checksum<T = Inventory>(::durably::__private::PhantomData<fn() -> T>);
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::Clone for Inventory_checksum<Inventory> {
    fn clone(&self) -> Self {
        *self
    }
}
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::Copy for Inventory_checksum<Inventory> {}
#[cfg(feature = "checksum")]
#[automatically_derived]
impl ::durably::__private::Debug for Inventory_checksum<Inventory> {
    fn fmt(
        &self,
        __formatter: &mut ::durably::__private::Formatter<'_>,
    ) -> ::durably::__private::FmtResult {
        __formatter.write_str("Inventory::checksum")
    }
}
