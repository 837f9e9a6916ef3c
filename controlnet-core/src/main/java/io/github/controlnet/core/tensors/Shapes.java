package io.github.controlnet.core.tensors;

import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.exception.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Questions to the names and shapes of one component, failing by name. */
public final class Shapes {
  private static final int LISTED = 5;

  private final String what;
  private final Map<String, TensorInfo> tensors;

  /**
   * @param what the component and its file, to begin a sentence with
   */
  public Shapes(String what, WeightSource weights) {
    this.what = what;
    this.tensors = weights.tensors();
  }

  /**
   * Checks that there is what is expected and nothing else.
   *
   * @param what the weights, to begin a sentence with
   * @param expected names to shapes
   * @param weights the weights
   * @throws WeightsException when a tensor is missing, foreign, of another shape or no
   *     floating-point numbers
   */
  public static void requireExactly(
      String what, Map<String, List<Long>> expected, WeightSource weights) {
    new Shapes(what, weights).require(expected, false);
  }

  public String what() {
    return what;
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  public boolean hasAny(String prefix) {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** One side of a tensor that must be there and have so many sides. */
  public int side(String name, int dimensions, int index) {
    return side(name, List.of(dimensions), index);
  }

  public int side(String name, List<Integer> dimensions, int index) {
    List<Long> shape = shape(name);
    if (!dimensions.contains(shape.size())) {
      throw new WeightsException(
          "%s: %s has the shape %s; expected %s sides."
              .formatted(
                  what,
                  name,
                  shape,
                  String.join(" or ", dimensions.stream().map(String::valueOf).toList())));
    }
    long side = shape.get(index);
    if (side < 1 || side > 1 << 24) {
      throw new WeightsException(
          "%s: %s has the shape %s, which is not usable.".formatted(what, name, shape));
    }
    return (int) side;
  }

  public List<Long> shape(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new WeightsException(
          "%s lacks the tensor %s. The file is incomplete or of another kind; download it again."
              .formatted(what, name));
    }
    return info.shape();
  }

  /** The numbers that follow the prefix. */
  private NavigableSet<Integer> numbers(String prefix) {
    NavigableSet<Integer> numbers = new TreeSet<>();
    for (String name : tensors.keySet()) {
      if (name.startsWith(prefix)) {
        int end = name.indexOf('.', prefix.length());
        String number = name.substring(prefix.length(), end < 0 ? name.length() : end);
        if (number.matches("[0-9]{1,4}")) {
          numbers.add(Integer.valueOf(number));
        }
      }
    }
    return numbers;
  }

  /** The greatest number that follows the prefix; -1 when none does. */
  public int last(String prefix) {
    NavigableSet<Integer> numbers = numbers(prefix);
    return numbers.isEmpty() ? -1 : numbers.last();
  }

  /** How many numbered parts there are: all numbers from 0 on that follow the prefix. */
  public int count(String prefix) {
    NavigableSet<Integer> numbers = numbers(prefix);
    if (!numbers.isEmpty() && numbers.last() != numbers.size() - 1) {
      int missing = 0;
      while (numbers.contains(missing)) {
        missing++;
      }
      throw new WeightsException(
          "%s has %s%d but not %s%d. The file is incomplete; download it again."
              .formatted(what, prefix, numbers.last(), prefix, missing));
    }
    return numbers.size();
  }

  /** Refuses weights that are not exactly the expected ones. */
  public void require(Map<String, List<Long>> expected, boolean extrasAllowed) {
    List<String> missing = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          TensorInfo info = tensors.get(name);
          if (info == null) {
            missing.add(name);
          } else if (!info.shape().equals(shape)) {
            throw new WeightsException(
                "%s: %s has the shape %s; expected %s.".formatted(what, name, info.shape(), shape));
          } else if (!isFloat(info)) {
            throw new WeightsException(
                "%s: %s holds %s; expected F32, F16, BF16, F64 or float8."
                    .formatted(what, name, info.dtype()));
          }
        });
    if (!missing.isEmpty()) {
      throw new WeightsException(
          "%s lacks %d of %d tensors: %s. The file is incomplete; download it again."
              .formatted(what, missing.size(), expected.size(), some(missing)));
    }
    if (!extrasAllowed) {
      List<String> extra =
          tensors.keySet().stream().filter(name -> !expected.containsKey(name)).toList();
      if (!extra.isEmpty()) {
        throw new WeightsException(
            ("%s has %d tensors that do not belong to it: %s. It is probably a variant"
                    + " that is not supported.")
                .formatted(what, extra.size(), some(extra)));
      }
    }
  }

  private static boolean isFloat(TensorInfo info) {
    return switch (info.dtype()) {
      case F32, F16, BF16, F64 -> true;
      default -> false;
    };
  }

  public static String some(List<String> names) {
    String listed = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
    return names.size() > LISTED ? listed + ", ..." : listed;
  }
}
