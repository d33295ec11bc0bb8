/* The inner loops of the pass over logs. Each has a twin in Python that gives the same, for machines on which this was
 * not built. Called through ctypes, so there is nothing of Python in it, and one build serves every version.
 *
 * Rules. Places are offsets into `data`, which has `size` bytes; a range may begin below 0 or behind its end, which is
 * an empty one, and no byte outside of `data` is ever read. Nothing is allocated or kept. Little-endian machines only.
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef uint8_t byte;

enum { VERSION = 1 };

EXPORT int64_t crashcart_loops_version(void) { return VERSION; }

/* --- words of eight bytes --------------------------------------------------------------------------------------- */

#define EACH(b) (UINT64_C(0x0101010101010101) * (b))
#define TOPS EACH(0x80)

static inline uint64_t load(const byte *from) {
  uint64_t word;
  memcpy(&word, from, 8);
  return word;
}

/* The lowest marked byte is below n; marks above it may be wrong (a borrow). n is at most 128. */
static inline uint64_t below(uint64_t word, byte n) { return (word - EACH(n)) & ~word & TOPS; }

static inline uint64_t digits(uint64_t word) { return below(word ^ EACH('0'), 10); }

/* What folding changes: digits, control bytes. */
static inline uint64_t folded(uint64_t word) { return digits(word) | below(word, 32) | below(word ^ EACH(127), 1); }

static inline int lowest(uint64_t marks) {
#if defined(__GNUC__)
  return __builtin_ctzll(marks) >> 3;
#else
  int at = 0;
  while (!(marks >> (8 * at) & 0x80)) at++;
  return at;
#endif
}

static inline int is_digit(byte b) { return (byte)(b - '0') < 10; }
static inline int is_letter(byte b) { return (byte)((b | 0x20) - 'a') < 26; }

static inline void clip(int64_t *begin, int64_t *end, int64_t size) {
  if (*begin < 0) *begin = 0;
  if (*end > size) *end = size;
}

/* --- lines and stamps --------------------------------------------------------------------------------------------- */

/* The end of each line: of its newline, or of the data if that is missing. Returns how many; there is room for as many
 * as there are bytes. */
EXPORT int64_t crashcart_line_ends(const byte *data, int64_t size, int64_t *ends) {
  int64_t count = 0, at = 0;
  for (; at + 8 <= size; at += 8) {
    uint64_t word = load(data + at) ^ EACH('\n');
    /* The top bit of each byte that is a newline, and of no other. */
    uint64_t marks = ~(((word & ~TOPS) + ~TOPS) | word) & TOPS;
    for (; marks; marks &= marks - 1) ends[count++] = at + lowest(marks);
  }
  for (; at < size; at++)
    if (data[at] == '\n') ends[count++] = at;
  if (size && data[size - 1] != '\n') ends[count++] = size;
  return count;
}

/* How many lines end before each of some ascending places; returns how many end in all. */
EXPORT int64_t crashcart_lines_before(const byte *data, int64_t size, const int64_t *places, int64_t count,
                                      int64_t *found) {
  int64_t lines = 0, at = 0;
  for (int64_t number = 0; number <= count; number++) {
    int64_t end = number < count && places[number] < size ? places[number] : size;
    /* At most 255 words at a time, so that no byte of the sum runs over. */
    while (end - at >= 8) {
      int64_t words = (end - at) / 8 < 255 ? (end - at) / 8 : 255;
      uint64_t sums = 0;
      for (int64_t word = 0; word < words; word++, at += 8) {
        uint64_t other = load(data + at) ^ EACH('\n');
        sums += ~(((other & ~TOPS) + ~TOPS) | other) >> 7 & EACH(1);
      }
      lines += (int64_t)(((sums & UINT64_C(0x00FF00FF00FF00FF)) + (sums >> 8 & UINT64_C(0x00FF00FF00FF00FF))) *
                             UINT64_C(0x0001000100010001) >> 48);
    }
    for (; at < end; at++) lines += data[at] == '\n';
    if (number < count) found[number] = lines;
  }
  return lines;
}

/* What a word of a stamp must look like: bits that are given, the lower half of each digit, and the bits that two
 * stamps of one minute share. */
typedef struct {
  uint64_t fixed, value, digit, minute;
} Mask;

enum { WORDS = 8 };

/* Which of the places hold a stamp of `length` bytes: their numbers, the second that stands at `second` (if that is 0
 * or more), and which of them begin another minute than the one before. Returns how many; `minutes` gets how many
 * minutes. A byte behind the stamp that is in `goes_on` makes it another form. */
EXPORT int64_t crashcart_stamps(const byte *data, int64_t size, const int64_t *places, int64_t count, const Mask *masks,
                                int64_t length, const byte *goes_on, int64_t second, int64_t *inside, int64_t *seconds,
                                int64_t *firsts, int64_t *minutes) {
  uint64_t before[WORDS] = {0};
  int64_t words = (length + 7) / 8, found = 0, begun = 0;
  for (int64_t row = 0; row < count; row++) {
    int64_t place = places[row];
    if (place < 0 || place > size - length) continue;
    if (place + length < size && goes_on[data[place + length]]) continue;
    uint64_t now[WORDS], differs = 0;
    int fits = 1;
    for (int64_t number = 0; number < words && fits; number++) {
      int64_t at = place + 8 * number;
      uint64_t word = 0;
      if (at + 8 <= size)
        word = load(data + at);
      else
        memcpy(&word, data + at, (size_t)(size - at));
      const Mask *mask = &masks[number];
      /* A digit's lower half plus six runs over into bit four exactly when it is above nine. */
      uint64_t over = ((word & mask->digit) + (mask->digit & EACH(0x06))) & EACH(0x10);
      fits = (word & mask->fixed) == mask->value && !over;
      differs |= (word ^ before[number]) & mask->minute;
      now[number] = word;
    }
    if (!fits) continue;
    if (differs || !found) firsts[begun++] = found;
    memcpy(before, now, (size_t)words * 8);
    inside[found] = row;
    seconds[found++] = second < 0 ? 0 : (data[place + second] & 0x0F) * 10 + (data[place + second + 1] & 0x0F);
  }
  *minutes = begun;
  return found;
}

/* --- forms by the folded text of a line --------------------------------------------------------------------------- */

/* 128 bits, of groups of up to eight folded bytes. A run of digits ends its group, and what follows begins a new one, so
 * the groups hang on the folded text alone. */
typedef struct {
  uint64_t one, two, held;
  int count;
} Hash;

static inline void mix(Hash *hash, uint64_t group) {
  hash->one = (hash->one ^ group) * UINT64_C(0x9E3779B97F4A7C15);
  hash->one ^= hash->one >> 32;
  hash->two = (hash->two + group) * UINT64_C(0xC2B2AE3D27D4EB4F);
  hash->two = hash->two << 31 | hash->two >> 33;
}

static inline void flush(Hash *hash) {
  if (hash->count) mix(hash, hash->held);
  hash->held = 0;
  hash->count = 0;
}

static inline void add(Hash *hash, byte b) {
  hash->held |= (uint64_t)b << (8 * hash->count);
  if (++hash->count == 8) flush(hash);
}

static const byte *behind_digits(const byte *at, const byte *end) {
  while (end - at >= 8) {
    uint64_t word = load(at), other = 0;
    /* A digit becomes 0 to 9; what is above has its top bit set once 0x76 is added, or had it. */
    word ^= EACH('0');
    other = (((word & ~TOPS) + EACH(0x76)) | word) & TOPS;
    if (other) return at + lowest(other);
    at += 8;
  }
  while (at < end && is_digit(*at)) at++;
  return at;
}

static Hash hash_of(const byte *begin, const byte *end) {
  Hash hash = {UINT64_C(0x243F6A8885A308D3), UINT64_C(0x13198A2E03707344), 0, 0};
  const byte *at = begin;
  while (at < end) {
    if (!hash.count && end - at >= 8) {
      uint64_t word = load(at), marks = folded(word);
      if (!marks) {
        mix(&hash, word);
        at += 8;
        continue;
      }
      int clean = lowest(marks);
      if (clean) {
        hash.held = word & ((UINT64_C(1) << (8 * clean)) - 1);
        hash.count = clean;
        at += clean;
      }
    }
    byte b = *at;
    if (is_digit(b)) {
      const byte *behind = behind_digits(at, end);
      if (behind - at == 1 && at > begin && is_letter(at[-1])) {
        add(&hash, (byte)(b - '0' + 14));
      } else {
        add(&hash, 0x1A);
        flush(&hash);
      }
      at = behind;
      continue;
    }
    /* 14 to 23 are how a digit travels that is part of a name; folding lets them be. */
    if ((b >= 32 && b != 127) || (b >= 14 && b <= 23))
      add(&hash, b);
    else if (b)
      add(&hash, ' ');
    at++;
  }
  flush(&hash);
  return hash;
}

typedef struct {
  uint64_t one, two;
  int64_t form; /* -1: free */
} Cell;

static Cell *cell_of(Cell *cells, int64_t mask, uint64_t one, uint64_t two) {
  int64_t at = (int64_t)(one ^ two >> 7) & mask;
  while (cells[at].form >= 0 && (cells[at].one != one || cells[at].two != two)) at = (at + 1) & mask;
  return &cells[at];
}

/* The form of each range, -1 for those not in the table; `keys` are two numbers a range. The table has mask + 1 cells,
 * a power of two, and at least one of them is free. */
EXPORT void crashcart_forms(const byte *data, int64_t size, const int64_t *begins, const int64_t *ends, int64_t count,
                            Cell *cells, int64_t mask, uint64_t *keys, int32_t *forms) {
  for (int64_t row = 0; row < count; row++) {
    int64_t begin = begins[row], end = ends[row];
    clip(&begin, &end, size);
    Hash hash = hash_of(data + begin, end > begin ? data + end : data + begin);
    keys[2 * row] = hash.one;
    keys[2 * row + 1] = hash.two;
    forms[row] = (int32_t)cell_of(cells, mask, hash.one, hash.two)->form;
  }
}

/* The form of each pair of keys, -1 for those not in the table. */
EXPORT void crashcart_recall(const Cell *cells, int64_t mask, const uint64_t *keys, int64_t count, int32_t *forms) {
  for (int64_t row = 0; row < count; row++)
    forms[row] = (int32_t)cell_of((Cell *)cells, mask, keys[2 * row], keys[2 * row + 1])->form;
}

/* Put forms into the table, up to `room` new ones, and return how many were new. */
EXPORT int64_t crashcart_learn(Cell *cells, int64_t mask, int64_t room, const uint64_t *keys, const int32_t *forms,
                               int64_t count) {
  int64_t added = 0;
  for (int64_t row = 0; row < count && added < room; row++) {
    Cell *cell = cell_of(cells, mask, keys[2 * row], keys[2 * row + 1]);
    if (cell->form >= 0) continue;
    cell->one = keys[2 * row];
    cell->two = keys[2 * row + 1];
    cell->form = forms[row];
    added++;
  }
  return added;
}

/* --- texts in ranges ---------------------------------------------------------------------------------------------- */

/* Where a text first or last stands in each range, -1 for nowhere. */
EXPORT void crashcart_find(const byte *data, int64_t size, const byte *text, int64_t length, int64_t is_last,
                           const int64_t *begins, const int64_t *ends, int64_t count, int64_t *found) {
  for (int64_t row = 0; row < count; row++) {
    int64_t begin = begins[row], end = ends[row];
    clip(&begin, &end, size);
    int64_t at = -1;
    int64_t last = end - length;
    if (length > 0 && is_last) {
      for (int64_t place = last; place >= begin; place--)
        if (data[place] == text[0] && !memcmp(data + place, text, (size_t)length)) {
          at = place;
          break;
        }
    } else if (length > 0) {
      for (int64_t place = begin; place <= last; place++) {
        const byte *hit = memchr(data + place, text[0], (size_t)(last - place + 1));
        if (!hit) break;
        place = hit - data;
        if (!memcmp(hit, text, (size_t)length)) {
          at = place;
          break;
        }
      }
    }
    found[row] = at;
  }
}

/* --- durations ---------------------------------------------------------------------------------------------------- */

enum { WIDTH = 24, DIGITS = 16 };

/* The seconds that stand at each place, before its end: a number and its unit, or `unit_s` where none follows; NaN
 * where there is no number or nobody knows of what. */
EXPORT void crashcart_durations(const byte *data, int64_t size, const int64_t *places, const int64_t *ends,
                                int64_t count, double unit_s, double *seconds) {
  for (int64_t row = 0; row < count; row++) {
    byte chars[WIDTH] = {0};
    int64_t place = places[row], end = ends[row] < size ? ends[row] : size;
    int64_t length = end - place < WIDTH ? end - place : WIDTH;
    seconds[row] = NAN;
    if (place < 0 || length <= 0) continue;
    memcpy(chars, data + place, (size_t)length);
    double value = 0, scale = 1;
    int has_point = 0, seen = 0, at = 0;
    for (; at < DIGITS; at++) {
      if (is_digit(chars[at])) {
        value = value * 10 + (chars[at] - '0');
        if (has_point) scale *= 10;
        seen++;
      } else if (chars[at] == '.' && !has_point && seen) {
        has_point = 1;
      } else {
        break;
      }
    }
    if (!seen) continue;
    if (chars[at] == ' ') at++;
    byte first = chars[at], second = chars[at + 1], third = chars[at + 2];
    double unit = unit_s;
    if (first == 's') unit = 1.0;
    if (first == 'm' && (second == 's' || (second == 'i' && third == 'l'))) unit = 1e-3;
    if ((first == 'u' || first == 0xC2) && second) unit = 1e-6;
    if (first == 'n' && second == 's') unit = 1e-9;
    if (unit > 0) seconds[row] = value / scale * unit;
  }
}
