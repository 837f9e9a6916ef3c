package io.github.controlnet.core.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant who mistyped a name. */
public final class NearNames {
  private NearNames() {}

  /**
   * Finds the name that is nearest.
   *
   * @param name what was written
   * @param names the names that there are
   * @return the one that differs in a third of its letters at most, if there is one
   */
  public static Optional<String> of(String name, Collection<String> names) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return names.stream()
        .min(Comparator.comparingInt(each -> distance(wanted, each.toLowerCase(Locale.ROOT))))
        .filter(
            each ->
                distance(wanted, each.toLowerCase(Locale.ROOT))
                    <= Math.max(1, Math.min(name.length(), each.length()) / 3));
  }

  /** The number of letters to insert, remove or replace. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
