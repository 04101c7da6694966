"""The loop that brings facts to goals: claim, observe, decide, perform one step, record, repeat (ADR 0002, 0003)."""
