/* field_tile.h: integers at offsets: how many bytes a type has, what they say, how they compare.
 * The bytes are the caller's; nothing here reads outside hunch_field_size(type) bytes.
 * Called by the stage `field` and by conditions (uint16(0) == 0x5a4d). */
#ifndef HUNCH_FIELD_TILE_H
#define HUNCH_FIELD_TILE_H

#include "layout.h"

/* The types of layout.h come in the order 8, 16le, 16be, 32le, 32be, 64le, 64be, each unsigned then
 * signed. */

/* Bytes of a value of this HP_TYPE_*. */
HUNCH_TILE uint32_t hunch_field_size(uint32_t type)
{
    return type < (uint32_t)HP_TYPE_U16LE   ? 1u
           : type < (uint32_t)HP_TYPE_U32LE ? 2u
           : type < (uint32_t)HP_TYPE_U64LE ? 4u
                                            : 8u;
}

HUNCH_TILE int hunch_field_signed(uint32_t type)
{
    return (int)(type & 1u);
}

HUNCH_TILE int hunch_field_big(uint32_t type)
{
    return type >= (uint32_t)HP_TYPE_U16LE && ((type - (uint32_t)HP_TYPE_U16LE) & 2u) != 0;
}

/* The bits at `bytes`, zero-extended. */
HUNCH_TILE uint64_t hunch_field_bits(uint32_t type, const uint8_t *bytes)
{
    const uint32_t size = hunch_field_size(type);
    uint64_t bits = 0;
    for (uint32_t i = 0; i < size; i++) {
        bits = bits << 8 | (uint64_t)bytes[hunch_field_big(type) ? i : size - 1u - i];
    }
    return bits;
}

/* `bits` as a value of the type in 64 bits two's complement: sign-extended where the type is
 * signed. */
HUNCH_TILE uint64_t hunch_field_extend(uint32_t type, uint64_t bits)
{
    const uint32_t width = 8u * hunch_field_size(type);
    if (hunch_field_signed(type) && width < 64u && (bits >> (width - 1u) & 1u) != 0) {
        bits |= ~(uint64_t)0 << width;
    }
    return bits;
}

/* Whether the value at `bytes`, cut by `mask` (~0: none), compares with `operand` as `compare`
 * (HP_COMPARE_*) says. The mask is laid over the bits before the sign is extended. A signed type
 * compares signed and the operand is an int64_t in two's complement; an unsigned one compares
 * unsigned. */
HUNCH_TILE int hunch_field_holds(uint32_t type, const uint8_t *bytes, uint64_t mask,
                                 uint32_t compare, uint64_t operand)
{
    /* Flipping the sign bit turns the signed order into the unsigned one. */
    const uint64_t flip = hunch_field_signed(type) ? (uint64_t)1 << 63 : 0;
    const uint64_t left = hunch_field_extend(type, hunch_field_bits(type, bytes) & mask) ^ flip;
    const uint64_t right = operand ^ flip;
    return compare == (uint32_t)HP_COMPARE_EQUAL  ? left == right
           : compare == (uint32_t)HP_COMPARE_LESS ? left < right
                                                  : left > right;
}

#endif
