package io.github.controlnet.core.nn;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the operators that may write over an operand: its memory was made in the method, and
 * nothing reads it, or any other value that lies in it, afterwards. A value whose shape alone is
 * asked for may be written over.
 */
public final class LastUse {
  /** Values that may lie in one memory. */
  private final Map<Value, Value> memory = new HashMap<>();

  private final Map<Value, Integer> lastRead = new HashMap<>();
  private final Set<Value> foreign = new HashSet<>();

  /** Values that are not the whole of their memory, or repeat it. */
  private final Set<Value> parts = new HashSet<>();

  private LastUse() {}

  /** The values of a method whose operators may write over the operand that they would change. */
  public static Set<Value> in(Method method) {
    return new LastUse().find(method);
  }

  private Set<Value> find(Method method) {
    List<Value> values = method.values();
    for (Value value : values) {
      Op op = value.op();
      op.sharesWith().forEach(other -> memory.put(root(other), root(value)));
      if (op.isPart() || op.sharesWith().stream().anyMatch(parts::contains)) {
        parts.add(value);
      }
    }
    for (int i = 0; i < values.size(); i++) {
      Op op = values.get(i).op();
      if (op instanceof Op.Input || op instanceof Op.Read || op instanceof Op.Item) {
        foreign.add(root(values.get(i)));
      }
      if (!op.measures()) {
        for (Value read : op.reads()) {
          lastRead.put(root(read), i);
        }
      }
    }
    method.results().forEach(value -> lastRead.put(root(value), values.size()));
    Set<Value> found = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      if (mayOverwrite(values.get(i), i)) {
        found.add(values.get(i));
      }
    }
    return found;
  }

  private boolean mayOverwrite(Value value, int index) {
    return value
        .op()
        .overwritable(value.shape())
        .filter(operand -> isLast(operand, value, index))
        .isPresent();
  }

  private boolean isLast(Value operand, Value value, int index) {
    Value root = root(operand);
    // the operand itself may be read again by the same operator, but no other view of its memory
    boolean twice =
        value.op().reads().stream()
            .anyMatch(read -> !read.equals(operand) && root(read).equals(root));
    boolean whole = !foreign.contains(root) && !parts.contains(operand);
    return whole && !twice && lastRead.getOrDefault(root, -1) == index;
  }

  private Value root(Value value) {
    Value at = value;
    for (Value next = memory.get(at); next != null && !next.equals(at); next = memory.get(at)) {
      at = next;
    }
    return at;
  }
}
