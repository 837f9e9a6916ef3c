package io.github.controlnet.core.sampler;

import java.util.ArrayList;
import java.util.List;

/** The last few values that a multistep method remembers, the newest first. */
final class History {
  private record Entry(NoiseLevel level, float[] value) {}

  private final int most;
  private final List<Entry> entries = new ArrayList<>();

  History(int most) {
    this.most = most;
  }

  /**
   * Remembers a value. One at the level of the newest replaces it: two values at one level say
   * nothing about the direction of change, and dividing by their distance would end in NaN.
   */
  void add(NoiseLevel level, float[] value) {
    if (!entries.isEmpty() && level(0).sigma() == level.sigma()) {
      entries.remove(0);
    }
    entries.add(0, new Entry(level, value));
    if (entries.size() > most) {
      entries.remove(most);
    }
  }

  int size() {
    return entries.size();
  }

  NoiseLevel level(int back) {
    return entries.get(back).level();
  }

  float[] value(int back) {
    return entries.get(back).value();
  }
}
