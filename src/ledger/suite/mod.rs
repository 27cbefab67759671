//! What every store must do alike: one suite, run on all of them.

mod accepting;
mod actions;
mod cards;
mod erasing;
mod events;
mod imports;
mod leases;
mod lists;
mod machine;
mod moving;
mod people;
mod results;
mod support;
mod tickets;
mod updates;

/// Runs each case on each store.
macro_rules! on_every_store {
    ($($module:ident: $($case:ident)*;)*) => {
        mod memory {
            $($(
                #[tokio::test]
                async fn $case() {
                    super::$module::$case(&super::support::TestStore::memory()).await;
                }
            )*)*
        }

        mod sqlite {
            $($(
                #[tokio::test]
                async fn $case() {
                    super::$module::$case(&super::support::TestStore::sqlite()).await;
                }
            )*)*
        }

        mod postgres {
            $($(
                #[tokio::test]
                async fn $case() {
                    let Some(store) = super::support::TestStore::postgres().await else { return };
                    super::$module::$case(&store).await;
                    store.end().await;
                }
            )*)*
        }
    };
}

on_every_store! {
    accepting:
        a_first_document_waits_as_revision_one
        an_equal_document_that_was_delivered_changes_nothing
        an_equal_document_that_waits_keeps_its_revision
        an_equal_document_that_was_refused_is_tried_again
        an_equal_document_in_conflict_gets_a_version_that_wins
        a_resent_document_keeps_its_revision_and_gets_a_new_version
        a_given_version_or_mode_makes_an_equal_document_a_new_one
        a_newer_document_takes_the_place_of_one_that_waits
        versions_grow_when_the_clock_steps_back
        an_older_version_is_raised_when_the_document_is_whole
        a_version_far_ahead_pins_the_clock
        only_the_expected_revision_is_replaced
        apps_do_not_see_each_other
        many_at_once_get_revisions_and_versions_of_their_own;
    updates:
        a_made_document_sees_the_kept_one
        a_rejection_changes_nothing_and_comes_back_as_it_was
        an_older_update_is_stale
        an_update_goes_out_whole_when_the_kept_document_waits_to_go_out_whole
        an_update_alone_is_never_whole
        an_update_over_a_delivered_document_goes_out_as_update_and_stays_whole;
    actions:
        a_task_is_found_by_each_clue
        what_is_not_unique_is_found_twice
        tasks_are_known_only_where_the_acceptance_asks_for_it
        a_task_that_opens_again_begins_a_round
        tasks_go_with_their_document
        of_equal_actions_one_begins
        an_action_that_failed_may_begin_again
        an_action_is_forgotten_after_its_time
        an_action_from_before_the_clock_was_set_back_holds_nothing_up;
    tickets:
        the_newest_ticket_of_an_app_is_kept
        one_of_many_asks_for_a_ticket_once_a_minute
        asking_does_not_wait_for_a_clock_that_was_set_back;
    results:
        a_delivered_document_is_not_due_any_more
        a_result_of_an_earlier_revision_marks_no_newer_one
        a_refused_revision_that_was_passed_over_stays_in_the_history
        passing_trouble_postpones_the_next_attempt
        an_unknown_outcome_is_checked_once_it_is_delivered
        a_confirmed_document_is_checked_again_later
        a_finished_approval_settles_when_it_is_confirmed
        drift_is_pushed_again_with_a_new_version_and_then_repaired
        drifts_are_counted_by_the_day
        a_conflict_raises_the_version_clock
        a_result_for_nothing_is_none
        a_result_of_a_check_before_a_newer_document_is_ignored
        a_late_success_over_a_resent_document_is_pushed_again
        retries_put_back_what_was_refused
        a_retry_makes_those_that_wait_due_only_when_it_names_them
        an_app_that_waits_loses_no_attempt;
    events:
        an_event_is_written_with_the_result_that_it_tells_of
        conflicts_and_repairs_are_told
        a_result_that_nobody_wants_to_hear_of_is_not_told
        a_delivery_is_told_when_it_was_promised
        a_promise_goes_on_with_what_takes_its_place
        events_about_an_instance_are_sent_one_after_the_other
        an_event_is_tried_for_three_days
        an_unwanted_event_ends_and_the_next_one_moves_up
        events_that_were_given_up_are_put_back_in_their_order
        events_come_newest_first_in_pages
        old_events_are_dropped_and_too_many_are_given_up
        a_forgotten_instance_leaves_only_what_is_still_to_be_told
        an_event_does_not_wait_for_a_clock_that_was_set_back;
    cards:
        a_card_is_due_when_its_document_is_delivered
        a_refused_document_makes_no_card
        a_task_that_goes_on_waiting_gets_no_second_card
        a_task_that_waited_before_cards_were_wanted_gets_none
        what_waited_before_anybody_noted_it_is_not_new
        a_task_that_opens_again_gets_another_card
        a_card_says_how_its_task_ended
        a_card_that_nobody_has_is_withdrawn
        a_card_that_is_not_wanted_any_more_is_withdrawn_before_it_is_sent
        a_card_that_somebody_may_have_is_sent_again_and_then_changed
        of_several_attempts_the_last_one_counts
        a_card_that_fails_waits_for_its_next_attempt
        the_history_tells_what_was_sent_changed_and_given_up
        a_task_is_found_by_the_message_of_its_card
        an_older_document_that_lands_late_changes_no_card
        a_line_of_an_import_is_noted_without_a_card
        a_line_of_an_import_keeps_the_cards_of_what_waited_before_it
        a_line_that_lands_under_a_callers_own_document_takes_no_card
        a_line_that_lands_although_its_import_was_canceled_takes_no_card
        a_line_that_a_caller_repeats_brings_its_cards
        a_report_tells_whether_there_are_cards_to_send_or_to_change
        cards_go_with_what_they_are_about
        a_card_that_somebody_may_have_outlives_its_document
        a_card_that_somebody_may_have_is_not_lost_when_it_is_refused;
    people:
        people_are_remembered_with_every_result_and_as_long_as_their_document
        people_of_an_earlier_attempt_are_not_remembered
        people_come_back_with_what_a_canceled_import_had_taken_the_place_of;
    erasing:
        a_forgotten_document_leaves_only_its_counters
        what_waits_cannot_be_forgotten
        only_what_is_expected_is_forgotten
        retention_drops_documents_of_settled_approvals_only
        retention_forgets_what_has_not_changed_for_long
        what_a_check_finds_of_a_dropped_document_gives_nothing_up
        an_equal_document_is_unchanged_even_when_it_was_dropped;
    imports:
        lines_are_counted_and_delivered_behind_their_import
        a_paused_import_delivers_nothing_and_goes_on_later
        a_callers_own_push_takes_the_instance_out
        a_callers_equal_push_takes_the_instance_out_too
        the_same_line_twice_is_unchanged
        a_repeated_import_takes_over_what_waits
        a_refused_line_that_is_retried_counts_once
        canceling_brings_back_what_was_delivered
        canceling_brings_back_what_waited
        canceling_withdraws_what_never_was_delivered
        a_push_on_the_wire_of_a_canceled_line_is_written_over
        a_canceled_import_takes_nothing_more
        imports_are_listed_newest_first;
    lists:
        deliveries_come_newest_first_in_pages
        deliveries_are_filtered
        one_instance_is_found_by_its_id_and_whatever_else_is_asked
        a_retry_of_one_instance_leaves_the_others
        history_comes_newest_first_in_pages
        history_is_bounded
        notes_are_part_of_the_history
        the_summary_counts_by_state_and_class
        what_is_due_comes_in_the_order_of_time
        of_each_caller_is_due_what_it_has_waiting_however_much_others_have
        what_waits_does_not_wait_for_a_clock_that_was_set_back
        definitions_are_kept_by_their_keys
        several_deliveries_are_found_at_once
        a_closed_ledger_says_so;
}

/// Runs each case on each store that replicas share.
macro_rules! on_every_shared_store {
    ($($case:ident)*) => {
        mod shared_memory {
            $(
                #[tokio::test]
                async fn $case() {
                    super::leases::$case(&super::support::TestStore::memory()).await;
                }
            )*
        }

        mod shared_postgres {
            $(
                #[tokio::test]
                async fn $case() {
                    let Some(store) = super::support::TestStore::postgres().await else { return };
                    super::leases::$case(&store).await;
                    store.end().await;
                }
            )*
        }
    };
}

on_every_shared_store! {
    a_free_lease_is_taken_and_renewing_keeps_its_epoch
    of_two_one_has_the_lease_until_it_expires
    many_at_once_get_one_holder
    an_expired_lease_that_nobody_took_is_renewed_in_its_epoch
    a_lease_that_is_given_back_is_free_at_once
    leases_of_apps_are_their_own
    a_note_is_seen_by_all_and_left_to_the_successor
    a_result_of_an_earlier_epoch_changes_nothing
    what_was_on_its_way_when_the_lease_was_given_back_is_written
    accepting_and_checks_of_callers_need_no_lease
    replicas_are_counted_while_they_are_heard_of
}
