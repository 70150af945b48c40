//! Expansions as people would read them, one file for each part.
//!
//! After a change: `UPDATE_EXPECT=1 cargo test -p durably-macros --lib`, then review the difference as
//! the code it is.

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{File, Item, ItemConst, ItemImpl};

use crate::activity::{activities, activity};
use crate::workflow::workflow;

/// Compares each part of an expansion with its file in `tests/snapshots/<case>/`.
#[track_caller]
fn check(case: &str, expansion: TokenStream) {
    for (name, items) in parts(expansion) {
        let file = File {
            shebang: None,
            attrs: Vec::new(),
            items,
        };
        let text = prettyplease::unparse(&file);
        expect_file![format!("../tests/snapshots/{case}/{name}.rs")].assert_eq(&text);
    }
}

/// The items of an expansion by the part they play, in order.
fn parts(expansion: TokenStream) -> Vec<(String, Vec<Item>)> {
    let file: File = syn::parse2(expansion).expect("an expansion is items");
    let mut parts: Vec<(String, Vec<Item>)> = Vec::new();
    for item in file.items.into_iter().flat_map(inside) {
        let name = part_name(&item);
        match parts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, items)) => items.push(item),
            None => parts.push((name, vec![item])),
        }
    }
    parts
}

/// What is in the block of `const _: () = { .. };`
fn inside(item: Item) -> Vec<Item> {
    match item {
        Item::Const(ItemConst { expr, .. }) if matches!(*expr, syn::Expr::Block(_)) => {
            let syn::Expr::Block(block) = *expr else {
                unreachable!("matched above")
            };
            let items = block
                .block
                .stmts
                .into_iter()
                .map(|statement| match statement {
                    syn::Stmt::Item(item) => item,
                    other => panic!("a statement among the items: {}", other.to_token_stream()),
                });
            items.collect()
        }
        item => vec![item],
    }
}

fn part_name(item: &Item) -> String {
    let name = match item {
        Item::Struct(_) => "value",
        Item::Fn(_) => "body",
        Item::Trait(_) => "hidden_trait",
        Item::Const(_) => "checks",
        Item::Macro(_) => "mistakes",
        Item::Impl(ItemImpl { trait_: None, .. }) => "inherent",
        Item::Impl(ItemImpl {
            trait_: Some((_, path, _)),
            ..
        }) => {
            let last = path
                .segments
                .last()
                .map(|last| last.ident.to_string())
                .unwrap_or_default();
            return match last.as_str() {
                "Clone" | "Copy" | "Debug" => "value".to_owned(),
                hidden if hidden.contains('_') => "hidden_trait".to_owned(),
                name => snake_case(name),
            };
        }
        other => panic!("an unexpected item: {}", other.to_token_stream()),
    };
    name.to_owned()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[test]
fn activity_function() {
    let options = quote! {
        name = "Charge", start_to_close_timeout = "30s", heartbeat_timeout = "1500ms",
        retry(maximum_attempts = 5, backoff_coefficient = 1.5, non_retryable_error_types = ["Declined"]),
        task_queue = "cards", cancellation_type = abandon
    };
    let item = quote! {
        /// Charges the card.
        #[tracing::instrument]
        pub(crate) async fn charge(ctx: &ActivityContext, order: Order, Cents(amount): Cents) -> ActivityResult<Payment> {
            ctx.heartbeat(&amount)?;
            bank::charge(order, amount).await
        }
    };
    check("activity_function", activity(options, item));
}

#[test]
fn blocking_activity_function() {
    let item = quote! {
        fn checksum(path: PathBuf) -> io::Result<u64> {
            Ok(0)
        }
    };
    check(
        "blocking_activity_function",
        activity(quote!(crate = vendored::durably), item),
    );
}

#[test]
fn refused_activity_function() {
    let item = quote! {
        async fn charge<T>(order: &Order) -> ActivityResult<Payment> {
            bank::charge(order).await
        }
    };
    check(
        "refused_activity_function",
        activity(quote!(timeout = "5s"), item),
    );
}

#[test]
fn activity_methods() {
    let item = quote! {
        /// What is in stock.
        impl Inventory {
            const LIMIT: u32 = 5;

            /// Reserves.
            #[activity(start_to_close_timeout = "10s")]
            pub async fn reserve(&self, ctx: &ActivityContext, (order, count): (Order, u32)) -> ActivityResult<Self> {
                self.checksum(order)
            }

            #[cfg(feature = "checksum")]
            #[activity]
            fn checksum(self: Arc<Self>, order: Order) -> ActivityResult<u64> {
                Ok(0)
            }

            fn helper(&self) {}
        }
    };
    check("activity_methods", activities(TokenStream::new(), item));
}

#[test]
fn workflow_function() {
    let item = quote! {
        /// Greets.
        pub async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
            ctx.activity(compose, &name).await
        }
    };
    check(
        "workflow_function",
        workflow(quote!(name = "Greeting"), item),
    );
}

#[test]
fn workflow_type() {
    let item = quote! {
        impl OrderSaga {
            #[init]
            fn new(ctx: &WorkflowContext, order: &Order) -> Self {
                Self::of(order)
            }

            /// Buys.
            #[run]
            pub async fn run(&self, ctx: &WorkflowContext, order: Order) -> WorkflowResult<Receipt> {
                Ok(Receipt)
            }

            /// Cancels the order,
            /// if it is not too late.
            ///
            /// More about it.
            #[signal]
            pub fn cancel(&self, reason: String) {}

            #[signal(name = "Delivered", description = "The parcel came")]
            async fn delivered(self: Rc<Self>, ctx: &WorkflowContext) -> WorkflowResult<()> {
                Ok(())
            }

            #[query]
            fn status(&self) -> Status {
                self.status.get()
            }

            #[query]
            fn total(&self, ctx: &WorkflowContext, currency: Currency) -> Result<u64, Unknown> {
                Err(Unknown)
            }

            #[update]
            async fn change_address(&self, to: Address) -> Result<Address, Unknown> {
                Ok(to)
            }

            #[validator(change_address)]
            fn check_address(&self, to: &Address) -> Result<(), Unknown> {
                Ok(())
            }

            #[update]
            fn touch(&self) {}
        }
    };
    check("workflow_type", workflow(TokenStream::new(), item));
}

#[test]
fn workflow_type_with_dynamic_handlers() {
    let item = quote! {
        impl Inbox {
            #[run]
            async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
                Ok(())
            }

            /// Takes every signal.
            #[signal(dynamic, unfinished_policy = "abandon")]
            async fn any_signal(&self, ctx: &WorkflowContext, name: String, arguments: Vec<Payload>) {}

            #[cfg(feature = "queries")]
            #[query(dynamic)]
            fn any_query(&self, name: String, arguments: Vec<Payload>) -> String {
                name
            }

            #[update(dynamic)]
            fn any_update(self: Rc<Self>, name: String, arguments: Vec<Payload>) -> Result<(), Unknown> {
                Ok(())
            }

            #[validator(any_update)]
            fn check_update(&self, name: &str, arguments: &[Payload]) -> Result<(), Unknown> {
                Ok(())
            }
        }
    };
    check(
        "workflow_type_with_dynamic_handlers",
        workflow(TokenStream::new(), item),
    );
}

#[test]
fn workflow_type_without_run() {
    let item = quote! {
        impl OrderSaga {
            #[signal]
            fn cancel(&self) {}
        }
    };
    check(
        "workflow_type_without_run",
        workflow(TokenStream::new(), item),
    );
}

/// Whatever is half typed in a body, the item and its definition are there.
#[test]
fn half_typed_bodies() {
    let body = quote!({ let paid = ctx.activity(charge, ); if paid. });
    let ident = format_ident!("greet");
    let function = quote! {
        async fn #ident(ctx: &WorkflowContext) -> WorkflowResult<()> #body
    };
    let method = quote! {
        impl Greeter {
            #[run]
            async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> #body

            fn helper(&self) #body
        }
    };
    for expansion in [
        workflow(TokenStream::new(), function),
        workflow(TokenStream::new(), method),
    ] {
        let text = expansion.to_string();
        assert!(text.contains(&body.to_string()), "{text}");
        assert!(text.contains("WorkflowDefinition for"), "{text}");
        assert!(!text.contains("compile_error"), "{text}");
    }
}
