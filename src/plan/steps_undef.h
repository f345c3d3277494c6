/* steps_undef.h: forgets the macros that steps.def was just read with. No guard: it is included after each reading. */
#undef STEP
#undef END
#undef FIELD_NONE
#undef TAKES
#undef GIVES
#undef HOST
#undef INSIDE
#undef TEXT
#undef LIST
#undef SECRET
#undef BYTES
#undef SMALL
#undef HEX
#undef WIDE
#undef FLAG
