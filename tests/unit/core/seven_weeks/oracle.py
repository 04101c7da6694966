"""What must happen, reckoned minute by minute from the written rules, without a function of the product.

It steps through all the time in steps of five minutes, in which everything of the scenario falls, and keeps whole minutes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.core.seven_weeks.scenario import BEGIN, DAY, DAYS, END, PROJECTS, TICK, Person, Scenario, is_off

Happening = tuple[int, str, int]
NEVER = 10**9
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock_table(zone: str, text: str) -> dict[str, int]:
    """For each day of a zone's calendar, the first minute at which its clocks show that time or have passed it."""
    found: dict[str, int] = {}
    place = ZoneInfo(zone)
    for minute in range(-10 * DAY, END + 10 * DAY, TICK):
        local = (BEGIN + timedelta(minutes=minute)).astimezone(place)
        if f"{local:%H:%M}" >= text:
            found.setdefault(f"{local:%Y-%m-%d}", minute)
    return found


_tables: dict[tuple[str, str], dict[str, int]] = {}
_moments: dict[int, tuple[list[int], list[str]]] = {}


def moments_of(schedule: Any) -> tuple[list[int], list[str]]:
    """All moments of a schedule in the time of the scenario, and what each does."""
    if id(schedule) in _moments:  # of the scenario's own, which live as long as the module
        return _moments[id(schedule)]
    rows: list[tuple[int, str]] = []
    for what, text in (("start", schedule.start), ("stop", schedule.stop)):
        if not text:
            continue
        key = (schedule.time_zone, text)
        if key not in _tables:
            _tables[key] = clock_table(*key)
        table = _tables[key]
        shift = 1 if what == "stop" and schedule.start and schedule.stop < schedule.start else 0
        for day, minute in table.items():
            named = datetime.fromisoformat(day) - timedelta(days=shift)
            if WEEK[named.weekday()] in schedule.days:
                rows.append((minute, what))
    rows.sort()
    _moments[id(schedule)] = [at for at, _ in rows], [what for _, what in rows]
    return _moments[id(schedule)]


@dataclass
class Case:
    """One workspace."""

    person: Person
    mode: str = "none"
    asked_at: int = -NEVER
    began: int = 0
    end: int = NEVER
    life: int | None = None
    warned: int | None = None
    """The end of life that was announced."""
    known: Any = None
    known_since: int = 0
    stop_told: int | None = None
    stop_from: int = 0
    rests: int = 0
    archived: bool = False
    gone_at: int = NEVER
    notices: list[int] = field(default_factory=list)
    about: tuple[str, int] = ("", 0)
    log: list[Happening] = field(default_factory=list)

    def say(self, at: int, what: str, detail: int = 0) -> None:
        self.log.append((at, what, detail))


def rules(chosen: Any) -> dict[str, int]:
    """The settings of the installation with what a project chose over them, in minutes and days."""
    values = {"ttl": 1800, "floor": 300, "top": 86400, "life": 86400, "hard": 0, "archive": 14, "trash": 30, "keep": 7}
    names = {
        "ttl": "ttl_seconds",
        "life": "max_life_seconds",
        "archive": "archive_after_days",
        "trash": "delete_after_days",
        "keep": "trash_days",
    }
    for short, name in names.items():
        if getattr(chosen, name) is not None:
            values[short] = getattr(chosen, name)
    if chosen.ttl_max_seconds:
        values["top"] = min(values["top"], chosen.ttl_max_seconds)
    if chosen.ttl_min_seconds:
        values["floor"] = max(values["floor"], chosen.ttl_min_seconds)
    if chosen.hard_life_seconds:
        values["hard"] = chosen.hard_life_seconds
    return {
        name: value // 60 if name in {"ttl", "floor", "top", "life", "hard"} else value
        for name, value in values.items()
    }


def run(scenario: Scenario) -> list[list[Happening]]:
    """What happens to each workspace."""
    chosen = list(PROJECTS)
    cases = [Case(person) for person in scenario.people]
    in_force = [rules(one) for one in chosen]
    for now in range(0, END, TICK):
        if is_off(now):
            continue
        # What was edited while the server was off could not be: edits fall into its working time.
        if now in scenario.edits:
            number, policy = scenario.edits[now]
            chosen[number], in_force[number] = policy, rules(policy)
        for case in cases:
            mode = case.mode
            if mode == "gone":
                continue
            person = case.person
            number = person.project
            if mode == "none" or now in person.asks:
                _asked(case, now, in_force[number])
            schedule = person.schedule or chosen[number].schedule
            if case.mode == "run":
                _running(case, now, in_force[number], schedule)
            if case.mode == "stop" or case.mode == "trash":  # noqa: PLR1714  millions of times
                _resting(case, now, in_force[number], schedule)
    return [case.log for case in cases]


def _begin(case: Case, now: int) -> None:
    case.mode, case.asked_at, case.began, case.end, case.life = "run", now, now, NEVER, None
    case.warned = None
    case.rests = -1


def _asked(case: Case, now: int, rule: dict[str, int]) -> None:
    if case.mode == "none":
        if now < case.person.created:
            return
        _begin(case, now)
    what, number = case.person.asks.get(now, ("", 0))
    match what, case.mode:
        case "start", "stop" if not case.archived:
            _begin(case, now)
        case "stop", "run":
            case.mode, case.asked_at, case.rests = "stop", now, -1
        case "extend", "run" if case.life:
            limit = case.began + rule["hard"] if rule["hard"] else NEVER
            case.end = max(case.end, min(case.end + number, limit))
        case "delete", "run" | "stop":
            case.mode, case.asked_at, case.gone_at = "trash", now, now + rule["keep"] * DAY
        case "undelete", "trash":
            case.mode, case.asked_at, case.archived, case.rests = "stop", now, False, now
        case "unarchive", "stop" if case.archived:
            case.archived, case.rests = False, now
        case "ttl", _:
            case.person.ttl = 900
        case "schedule", _:
            from tests.unit.core.seven_weeks.scenario import SCHEDULES  # noqa: PLC0415

            case.person.schedule = SCHEDULES[number]


def _last(case: Case, now: int) -> tuple[int, bool]:
    """When something last happened inside since the start, and whether a busy process lasts."""
    place = bisect_right(case.person.inputs, now)
    last = case.person.inputs[place - 1] if place else -NEVER
    working = max((min(now, end) for begin, end in case.person.busy if begin <= now), default=-NEVER)
    return max(last, working, case.began), now - working <= 5


def _running(case: Case, now: int, rule: dict[str, int], schedule: Any) -> None:
    ttl = rule["ttl"] if case.person.ttl is None else case.person.ttl // 60
    ttl = rule["top"] if not ttl else min(max(ttl, rule["floor"]), rule["top"])
    life = rule["life"] if case.person.life is None else case.person.life // 60
    if rule["hard"]:
        life = min(life, rule["hard"]) if life else rule["hard"]
    lead = min(15, life / 2) if life else 15
    last, busy = _last(case, now)
    _reckon_end(case, now, life, rule["hard"], lead)
    limit = case.began + rule["hard"] if rule["hard"] else NEVER
    if case.end <= now and busy:
        end = case.end
        while end <= now:
            end += 60
        if min(end, limit) > now:
            case.end = min(end, limit)
            case.say(now, "extended", case.end)
    over = case.end <= now
    if not over and now - last >= ttl:
        _stop(case, now, "idle")
        return
    if case.end < NEVER and case.warned != case.end:
        soon = now >= case.end - lead and (not busy or case.end >= limit)
        if over or soon:
            if now + lead - case.end >= 1:
                case.end = int(now + lead)
            case.warned = case.end
            case.say(now, "warned of the end", case.end)
            over = False
    if over:
        _stop(case, now, "deadline")
        return
    if case.known is not schedule:
        case.known, case.known_since, case.stop_told = schedule, now, None
    if schedule is not None and schedule.stop:
        _scheduled_stop(case, now, schedule, busy, lead)


def _reckon_end(case: Case, now: int, life: int, hard: int, lead: float) -> None:
    """The end of life: from the start; an edit moves it by the difference, and leaves time for the warning."""
    if not life:
        case.end, case.life = NEVER, 0
        return
    if case.life is None or not case.life:
        end = case.began + life
        case.end = end if case.life is None else max(end, int(now + lead))
    else:
        end = case.end + life - case.life
        if hard:
            end = min(end, case.began + hard)
        case.end = end if end >= case.end else max(end, min(case.end, int(now + lead)))
    case.life = life


def _latest(schedule: Any, now: int) -> tuple[int, str]:
    times, whats = moments_of(schedule)
    place = bisect_right(times, now) - 1
    return times[place], whats[place]


def _scheduled_stop(case: Case, now: int, schedule: Any, busy: bool, lead: float) -> None:
    at, what = _latest(schedule, now)
    is_due = what == "stop" and at > case.known_since and at > case.asked_at
    if is_due and busy:
        case.stop_told = None
        return
    if not is_due:
        times, whats = moments_of(schedule)
        place = bisect_right(times, now)
        while whats[place] != "stop":
            place += 1
        at = times[place]
    if case.stop_told != at:
        if now < at - lead or busy:
            return
        case.stop_told, case.stop_from = at, (int(now + lead) if now + lead - at >= 1 else at)
        case.say(now, "warned of the schedule", case.stop_from)
    if is_due and now >= case.stop_from:
        _stop(case, now, "schedule")


def _stop(case: Case, now: int, why: str) -> None:
    case.say(now, f"stopped: {why}")
    case.mode, case.asked_at, case.rests = "stop", now, now


def _resting(case: Case, now: int, rule: dict[str, int], schedule: Any) -> None:
    if case.known is not schedule:
        case.known, case.known_since, case.stop_told = schedule, now, None
    if case.mode == "stop":
        if case.rests < 0:
            case.rests = now
        if schedule is not None and schedule.start and not case.archived:
            at, what = _latest(schedule, now)
            if what == "start" and at > case.known_since and at > case.asked_at:
                case.known_since = at
                if now // DAY in case.person.poor:
                    case.say(now, "start refused")
                else:
                    case.say(now, "started")
                    _begin(case, now)
                    _running(case, now, rule, schedule)
                    return
    _retire(case, now, rule)


def _next(case: Case, rule: dict[str, int]) -> tuple[str, int, int]:
    """The next step, since when it rests, and the date by the policy."""
    if case.mode == "trash":
        return "purge", case.asked_at, case.gone_at
    if not case.archived and rule["archive"] and not 0 < rule["trash"] <= rule["archive"]:
        return "archive", case.rests, case.rests + rule["archive"] * DAY
    return ("trash", case.rests, case.rests + rule["trash"] * DAY) if rule["trash"] else ("", 0, 0)


def _retire(case: Case, now: int, rule: dict[str, int]) -> None:
    step, since, due = _next(case, rule)
    if not step:
        return
    if case.about != (step, since):
        case.about, case.notices = (step, since), []
    promises = [days for days in (2, 1) if days * DAY < due - since]
    if case.notices and case.notices[0] > due:
        promises = [2, 1]
    date = max([due, *(told + days * DAY for told, days in zip(case.notices, promises, strict=False))])
    if now > date + DAY:  # nobody was there: all is told anew
        case.notices, promises, date = [], [2, 1], now
    left = promises[len(case.notices) :]
    if left:
        if now >= date - left[0] * DAY:
            case.notices.append(now)
            date = max(date, now + left[0] * DAY)
            case.say(now, f"notice: {step}", date)
            if step == "purge":
                case.gone_at = max(case.gone_at, date)
        return
    if now < date:
        return
    case.say(now, step)
    if step == "archive":
        case.archived = True
        _retire(case, now, rule)
    elif step == "trash":
        case.mode, case.asked_at, case.gone_at = "trash", now, now + rule["keep"] * DAY
        _retire(case, now, rule)
    else:
        case.mode = "gone"


assert DAYS * DAY == END
