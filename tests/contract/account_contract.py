"""What every store promises of ledger, dead letters, sources and watermark."""

from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import SourceHealth
from tests.contract.store_contract import Store, StoreCase
from tests.contract.store_samples import T0_MS


class AccountContract(StoreCase):
    """Ledger, dead letters, watermark."""

    def test_repeats_are_counted_once(self, store: Store) -> None:
        letters = [DeadLetter("nmea", f"a.nmea:{i}", "bad_checksum", "", b"!AIVDM") for i in range(3)]
        letters.append(DeadLetter("csv", "b.csv:1", "bad_time", "", b"x"))
        for _ in range(2):
            store.put_dead_letters(letters)
        assert store.account().dead_letters == (("csv", "bad_time", 1), ("nmea", "bad_checksum", 3))

    def test_sources_are_as_fresh_as_their_newest_message(self, store: Store) -> None:
        def health(t_ms: list[int], messages: list[int], source: list[str]) -> SourceHealth:
            return SourceHealth.build(
                {
                    "t_ms": t_ms, "start_ms": t_ms, "messages": messages, "domain_code": [1] * len(t_ms),
                    "source": source, "receiver": "baku",
                }
            )  # fmt: skip

        store.put_health(health([5, 9, 7], [1, 0, 2], ["nmea", "nmea", "csv"]))
        store.put_health(health([3], [8], ["nmea"]))
        assert store.account().sources == (("csv", 7), ("nmea", 5))

    def test_the_newest_ledger_entry_and_the_highest_watermark_stay(self, store: Store) -> None:
        assert store.account().watermark_ms is None
        entries = [LedgerEntry("facts", 0, T0_MS + i, (("accepted", i), ("in", i))) for i in (2, 1)]
        store.put_ledger(entries)
        store.put_watermark(T0_MS + 5)
        store.put_watermark(T0_MS)
        account = store.account()
        assert account.watermark_ms == T0_MS + 5
        assert account.ledger == (entries[0],)

    def test_a_replica_of_any_number_keeps_its_books(self, store: Store) -> None:
        """A replica of ingestion is numbered by 32 bits of the hash of its name."""
        entry = LedgerEntry("ingestion", 2**32 - 1, T0_MS, (("in", 1), ("published", 1)))
        store.put_ledger([entry])
        assert store.account().ledger == (entry,)
