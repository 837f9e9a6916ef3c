package io.github.controlnet.core.text;

import java.util.Arrays;

/**
 * Letters and numbers by Unicode 16 and lower case by Unicode 17, as the Hugging Face tokenizers
 * library 0.22 knows them, so that a prompt has the same tokens on every JDK: 17 has Unicode 13.
 * What was added in between is listed here.
 */
final class Unicode16 {
  private static final int LETTER =
      1 << Character.UPPERCASE_LETTER
          | 1 << Character.LOWERCASE_LETTER
          | 1 << Character.TITLECASE_LETTER
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.OTHER_LETTER;
  private static final int NUMBER =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  /** The one character whose lower case is two. */
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  private static final int[] NEW_LETTERS =
      ranges(
          """
          870-887 889-88e 8b5 8c8-8c9 c5d cdd 170d 171f 1b4c 1c89-1c8a 2c2f 2c5f
          9ffd-9fff a7c0-a7c1 a7cb-a7cd a7d0-a7d1 a7d3 a7d5-a7dc a7f2-a7f4 10570-1057a
          1057c-1058a 1058c-10592 10594-10595 10597-105a1 105a3-105b1 105b3-105b9
          105bb-105bc 105c0-105f3 10780-10785 10787-107b0 107b2-107ba 10d4a-10d65
          10d6f-10d85 10ec2-10ec4 10f70-10f81 11071-11072 11075 1123f-11240 11380-11389
          1138b 1138e 11390-113b5 113b7 113d1 113d3 11740-11746 11ab0-11abf 11bc0-11be0
          11f02 11f04-11f10 11f12-11f33 12f90-12ff0 1342f 13441-13446 13460-143fa
          16100-1611d 16a70-16abe 16d40-16d6c 18cff 1aff0-1aff3 1aff5-1affb 1affd-1affe
          1b11f-1b122 1b132 1b155 1df00-1df1e 1df25-1df2a 1e030-1e06d 1e290-1e2ad
          1e4d0-1e4eb 1e5d0-1e5ed 1e5f0 1e7e0-1e7e6 1e7e8-1e7eb 1e7ed-1e7ee 1e7f0-1e7fe
          2a6de-2a6df 2b735-2b739 2ebf0-2ee5d 31350-323af
          """);

  private static final int[] NEW_NUMBERS =
      ranges(
          """
          10d40-10d49 116d0-116e3 11bf0-11bf9 11f50-11f59 16130-16139 16ac0-16ac9
          16d70-16d79 1ccf0-1ccf9 1d2c0-1d2d3 1e4f0-1e4f9 1e5f1-1e5fa
          """);

  /** Capitals, first and last, and how far away the small letter is. */
  private static final int[][] NEW_CAPITALS = {
    {0x1c89, 0x1c89, 1},
    {0x2c2f, 0x2c2f, 48},
    {0xa7c0, 0xa7c0, 1},
    {0xa7cb, 0xa7cb, -42343},
    {0xa7cc, 0xa7cc, 1},
    {0xa7ce, 0xa7ce, 1},
    {0xa7d0, 0xa7d0, 1},
    {0xa7d2, 0xa7d2, 1},
    {0xa7d4, 0xa7d4, 1},
    {0xa7d6, 0xa7d6, 1},
    {0xa7d8, 0xa7d8, 1},
    {0xa7da, 0xa7da, 1},
    {0xa7dc, 0xa7dc, -42561},
    {0x10570, 0x1057a, 39},
    {0x1057c, 0x1058a, 39},
    {0x1058c, 0x10592, 39},
    {0x10594, 0x10595, 39},
    {0x10d50, 0x10d65, 32},
    {0x16ea0, 0x16eb8, 27},
  };

  private Unicode16() {}

  private static int[] ranges(String text) {
    return Arrays.stream(text.strip().split("\\s+", -1))
        .flatMapToInt(
            range ->
                Arrays.stream(
                        new String[] {range.replaceFirst("-.*", ""), range.replaceFirst(".*-", "")})
                    .mapToInt(limit -> Integer.parseInt(limit, 16)))
        .toArray();
  }

  /** Looks in the limits of ranges, first and last in turn. */
  private static boolean within(int point, int[] ranges) {
    int place = Arrays.binarySearch(ranges, point);
    // Between a first limit and its last, the place to insert at is odd.
    return place >= 0 || (-place - 1) % 2 == 1;
  }

  static boolean isLetter(int point) {
    int type = Character.getType(point);
    return type == Character.UNASSIGNED ? within(point, NEW_LETTERS) : (LETTER >> type & 1) != 0;
  }

  static boolean isNumber(int point) {
    int type = Character.getType(point);
    return type == Character.UNASSIGNED ? within(point, NEW_NUMBERS) : (NUMBER >> type & 1) != 0;
  }

  static void appendLowerCase(int point, StringBuilder result) {
    if (point == CAPITAL_I_WITH_DOT) {
      result.append("i\u0307");
      return;
    }
    int lower = Character.toLowerCase(point);
    if (lower == point && point >= NEW_CAPITALS[0][0]) {
      for (int[] capitals : NEW_CAPITALS) {
        if (point >= capitals[0] && point <= capitals[1]) {
          lower = point + capitals[2];
        }
      }
    }
    result.appendCodePoint(lower);
  }
}
