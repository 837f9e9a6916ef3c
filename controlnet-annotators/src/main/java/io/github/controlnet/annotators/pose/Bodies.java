package io.github.controlnet.annotators.pose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds bodies in heat maps and part affinity fields (Z. Cao et al., arXiv 1812.08008, section 3.3)
 * with the thresholds and the order of controlnet_aux's open_pose/body.py, on which the result
 * depends: joints are the peaks of the blurred heat maps; two joints are a limb when the field runs
 * along the line between them; limbs that share a joint are one person.
 */
final class Bodies {
  static final int PARTS = 18;

  /** Limbs by their joints; the last two tie ears to shoulders and found no person. */
  private static final int[][] LIMBS = {
    {1, 2}, {1, 5}, {2, 3}, {3, 4}, {5, 6}, {6, 7}, {1, 8}, {8, 9}, {9, 10}, {1, 11}, {11, 12},
    {12, 13}, {1, 0}, {0, 14}, {14, 16}, {0, 15}, {15, 17}, {2, 16}, {5, 17}
  };

  private static final int FOUNDING = 17;

  /** Channels with the x of each limb's field; y is the next. */
  private static final int[] FIELDS = {
    12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26
  };

  private static final double PEAK = 0.1;
  private static final double ALONG = 0.05;
  private static final int SAMPLES = 10;
  private static final double MOST_SAMPLES = 0.8;
  private static final int LEAST_PARTS = 4;
  private static final double LEAST_SCORE = 0.4;
  private static final GaussianFilter BLUR = new GaussianFilter(3);

  private Bodies() {}

  /** A joint that was found, in pixels of the picture. */
  record Joint(int x, int y, double score) {}

  /** One person: the joints, null where none was found. */
  record Body(@Nullable Joint[] joints) {
    @Nullable Joint joint(int part) {
      return joints[part];
    }
  }

  private record Limb(int start, int end, double score) {}

  /** A limb that may be: places in the lists of joints. */
  private record Candidate(int start, int end, double score) {}

  /** A person in the making: numbers of joints, -1 for none. */
  private static final class Group {
    final int[] members = new int[PARTS];
    double score;
    int parts;

    Group() {
      Arrays.fill(members, -1);
    }

    boolean shares(Group other) {
      for (int i = 0; i < PARTS; i++) {
        if (members[i] >= 0 && other.members[i] >= 0) {
          return true;
        }
      }
      return false;
    }

    void add(int part, int joint, double gain) {
      members[part] = joint;
      parts++;
      score += gain;
    }

    void merge(Group other, double gain) {
      for (int i = 0; i < PARTS; i++) {
        members[i] = Math.max(members[i], other.members[i]);
      }
      parts += other.parts;
      score += other.score + gain;
    }
  }

  /**
   * Finds bodies.
   *
   * @param fields part affinity fields, 38 channels
   * @param heat heat maps, 18 channels or more
   */
  static List<Body> find(HeatMaps fields, HeatMaps heat) {
    List<Joint> joints = new ArrayList<>();
    int[] firsts = new int[PARTS + 1];
    for (int part = 0; part < PARTS; part++) {
      joints.addAll(peaks(heat.channel(part), heat.rows(), heat.columns()));
      firsts[part + 1] = joints.size();
    }
    List<Group> groups = new ArrayList<>();
    for (int limb = 0; limb < LIMBS.length; limb++) {
      for (Limb found : limbs(limb, joints, firsts, fields)) {
        attach(groups, limb, found, joints);
      }
    }
    return groups.stream()
        .filter(group -> group.parts >= LEAST_PARTS && group.score / group.parts >= LEAST_SCORE)
        .map(group -> body(group, joints))
        .toList();
  }

  private static Body body(Group group, List<Joint> joints) {
    @Nullable Joint[] members = new @Nullable Joint[PARTS];
    for (int i = 0; i < PARTS; i++) {
      members[i] = group.members[i] < 0 ? null : joints.get(group.members[i]);
    }
    return new Body(members);
  }

  /** Where the blurred map is no less than at the four pixels beside; the score is not blurred. */
  private static List<Joint> peaks(float[] map, int rows, int columns) {
    List<Joint> peaks = new ArrayList<>();
    double[] values = new double[map.length];
    double greatest = 0;
    for (int i = 0; i < map.length; i++) {
      values[i] = map[i];
      greatest = Math.max(greatest, values[i]);
    }
    if (greatest <= PEAK) {
      return peaks; // nor would it exceed it when blurred
    }
    double[] blurred = BLUR.of(values, rows, columns);
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int at = y * columns + x;
        double value = blurred[at];
        if (value > PEAK
            && value >= (y > 0 ? blurred[at - columns] : 0)
            && value >= (y < rows - 1 ? blurred[at + columns] : 0)
            && value >= (x > 0 ? blurred[at - 1] : 0)
            && value >= (x < columns - 1 ? blurred[at + 1] : 0)) {
          peaks.add(new Joint(x, y, values[at]));
        }
      }
    }
    return peaks;
  }

  /** The limbs of one kind, the best first; no joint is in two of them. */
  private static List<Limb> limbs(int limb, List<Joint> joints, int[] firsts, HeatMaps fields) {
    int[] ends = LIMBS[limb];
    int firstStart = firsts[ends[0]];
    int firstEnd = firsts[ends[1]];
    List<Joint> starts = joints.subList(firstStart, firsts[ends[0] + 1]);
    List<Joint> others = joints.subList(firstEnd, firsts[ends[1] + 1]);
    if (starts.isEmpty() || others.isEmpty()) {
      return List.of();
    }
    List<Candidate> candidates =
        candidates(
            starts, others, fields.channel(FIELDS[limb]), fields.channel(FIELDS[limb] + 1), fields);
    candidates.sort(Comparator.comparingDouble(Candidate::score).reversed());
    Set<Integer> usedStarts = new HashSet<>();
    Set<Integer> usedEnds = new HashSet<>();
    List<Limb> limbs = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (!usedStarts.contains(candidate.start()) && !usedEnds.contains(candidate.end())) {
        usedStarts.add(candidate.start());
        usedEnds.add(candidate.end());
        limbs.add(
            new Limb(
                firstStart + candidate.start(), firstEnd + candidate.end(), candidate.score()));
      }
    }
    return limbs;
  }

  private static List<Candidate> candidates(
      List<Joint> starts, List<Joint> ends, float[] fieldX, float[] fieldY, HeatMaps size) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < starts.size(); i++) {
      for (int j = 0; j < ends.size(); j++) {
        Joint start = starts.get(i);
        Joint end = ends.get(j);
        double dx = end.x() - start.x();
        double dy = end.y() - start.y();
        double length = Math.max(0.001, Math.sqrt(dx * dx + dy * dy));
        double sum = 0;
        int along = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
          int at =
              sampled(start.y(), end.y(), sample) * size.columns()
                  + sampled(start.x(), end.x(), sample);
          double share = fieldX[at] * (dx / length) + fieldY[at] * (dy / length);
          sum += share;
          along += share > ALONG ? 1 : 0;
        }
        // limbs longer than half the picture are less likely
        double score = sum / SAMPLES + Math.min(0.5 * size.rows() / length - 1, 0);
        if (along > MOST_SAMPLES * SAMPLES && score > 0) {
          candidates.add(new Candidate(i, j, score));
        }
      }
    }
    return candidates;
  }

  private static int sampled(int start, int end, int sample) {
    return sample == SAMPLES - 1
        ? end
        : (int) Math.rint(sample * ((end - start) / (SAMPLES - 1.0)) + start);
  }

  private static void attach(List<Group> groups, int limb, Limb found, List<Joint> joints) {
    int startPart = LIMBS[limb][0];
    int endPart = LIMBS[limb][1];
    List<Group> with =
        groups.stream()
            .filter(
                group ->
                    group.members[startPart] == found.start()
                        || group.members[endPart] == found.end())
            .toList();
    double gain = joints.get(found.end()).score() + found.score();
    if (with.isEmpty()) {
      if (limb < FOUNDING) {
        Group group = new Group();
        group.add(startPart, found.start(), joints.get(found.start()).score());
        group.add(endPart, found.end(), gain);
        groups.add(group);
      }
    } else if (with.size() == 1) {
      if (with.get(0).members[endPart] != found.end()) {
        with.get(0).add(endPart, found.end(), gain);
      }
    } else if (with.get(0).shares(with.get(1))) {
      with.get(0).add(endPart, found.end(), gain);
    } else {
      with.get(0).merge(with.get(1), found.score());
      groups.remove(with.get(1));
    }
  }
}
