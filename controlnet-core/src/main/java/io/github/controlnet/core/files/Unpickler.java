package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.WeightsException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pickle machine that can build tensors' descriptions and plain containers, and nothing else: it
 * calls nothing and creates no object that a file names. It has the opcodes that PyTorch and
 * Lightning write; any other refuses the file, and so does any global that {@link PickleGlobals}
 * does not list, wherever it occurs: pickles have no branches, so every global of the stream is
 * seen.
 *
 * <p>The work and memory are bounded by the number of opcodes; each makes at most one small value
 * beside the bytes that it reads, and what it copies counts as further opcodes.
 */
final class Unpickler {
  private static final int MAX_OPCODES = 2_000_000;
  private static final int MAX_MEMO = 1_000_000;

  /** What a copied entry counts in instructions: no byte of the file stands for its memory. */
  private static final int COPY_COST = 16;

  private final PickleInput in;
  private final Map<String, Storage> storages;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int work;

  /**
   * @param storages filled with the storages that the pickle mentions, by key
   */
  Unpickler(PickleInput in, Map<String, Storage> storages) {
    this.in = in;
    this.storages = storages;
  }

  /** Values that have no better Java form. */
  enum Special {
    /** Python's None. */
    NONE
  }

  /** A function or class of another program, by name only. */
  record Global(String module, String name) {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /** An immutable sequence. */
  record Tuple(List<Object> items) {}

  /** What a known inert class or function would have made. */
  static final class Placeholder {}

  /** A dictionary; only texts and whole numbers are kept as keys. */
  static final class Dict {
    private final Map<Object, Object> entries = new LinkedHashMap<>();
    private final boolean module;

    Dict() {
      this(false);
    }

    /**
     * @param module whether it is one of PyTorch's containers of parameters, whose state holds them
     */
    Dict(boolean module) {
      this.module = module;
    }

    Map<Object, Object> entries() {
      return Collections.unmodifiableMap(entries);
    }

    void put(Object key, Object value) {
      if (key instanceof String || key instanceof Long) {
        entries.put(key, value);
      }
    }

    /**
     * Takes an object's state: of the containers, their parameters; others have none of use.
     *
     * @return how many entries were copied
     */
    int build(Object state) {
      if (module
          && state instanceof Dict attributes
          && attributes.entries.get("_parameters") instanceof Dict parameters
          && parameters != this) {
        parameters.entries.forEach(this::put);
        return parameters.entries.size();
      }
      return 0;
    }
  }

  /**
   * A storage that tensors lie in.
   *
   * @param key its key
   * @param dtype the number type of its first mention, or null for one that cannot be used
   * @param type the name of its type in the file
   * @param count its number of values
   */
  record Storage(String key, @Nullable DType dtype, String type, long count) {}

  /**
   * A tensor.
   *
   * @param storage where it lies
   * @param dtype its number type, U8 for floats of eight bits, or null for one that cannot be used
   * @param type the name of its number type or, where that follows from it, of its storage's
   * @param viewOffset values before the part of the storage that counts as its beginning
   * @param viewCount values in that part
   * @param offset values before its first, from there
   * @param shape its shape
   * @param strides its strides in values
   */
  record Tensor(
      Storage storage,
      @Nullable DType dtype,
      String type,
      long viewOffset,
      long viewCount,
      long offset,
      List<Long> shape,
      List<Long> strides) {}

  /** A part of a storage as a pickle refers to it. */
  private record View(Storage storage, @Nullable DType dtype, long offset, long count) {}

  /** Runs one pickle up to its end and returns what it builds. */
  Object load() {
    while (true) {
      work(1);
      int opcode = in.u8();
      if (opcode == '.') {
        Object result = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
          throw bad("its pickle leaves values behind");
        }
        return result;
      }
      step(opcode);
    }
  }

  private void work(long instructions) {
    work = (int) Math.min(MAX_OPCODES + 1L, work + instructions);
    if (work > MAX_OPCODES) {
      throw bad("its pickle has more than " + MAX_OPCODES + " instructions, or copies as much");
    }
  }

  private void step(int opcode) {
    switch (opcode) {
      case 0x80 -> protocol(in.u8());
      case 0x95 -> in.i64();
      case '(' -> marks.add(stack.size());
      case '0' -> pop0();
      case '1' -> popMark();
      case '2' -> push(top());
      case 'N' -> push(Special.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'I', 'L' -> push(wholeNumber(in.line()));
      case 'J' -> push((long) in.i32());
      case 'K' -> push((long) in.u8());
      case 'M' -> push((long) in.u16());
      case 0x8a -> push(longNumber(in.u8()));
      case 0x8b -> push(longNumber(in.i32()));
      case 'F' -> push(realNumber(in.line()));
      case 'G' -> push(in.bigEndianDouble());
      case 'X' -> push(in.text(in.i32() & 0xffff_ffffL));
      case 0x8c -> push(in.text(in.u8()));
      case 0x8d -> push(in.text(in.i64()));
      case 'T' -> push(latin(in.i32() & 0xffff_ffffL));
      case 'U' -> push(latin(in.u8()));
      case 'B' -> skip(in.i32() & 0xffff_ffffL);
      case 'C' -> skip(in.u8());
      case 0x8e, 0x96 -> skip(in.i64());
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(popMark()));
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case ']' -> push(new ArrayList<>(0));
      case 'l' -> push(popMark());
      case 'a' -> append(List.of(pop()));
      case 'e' -> append(popMark());
      case '}' -> push(new Dict());
      case 'd' -> {
        List<Object> items = popMark();
        Dict dict = new Dict();
        push(dict);
        setItems(items);
      }
      case 's' -> {
        Object value = pop();
        Object key = pop();
        setItems(List.of(key, value));
      }
      case 'u' -> setItems(popMark());
      case 0x8f -> push(new Placeholder());
      case 0x90 -> {
        popMark();
        top();
      }
      case 0x91 -> {
        popMark();
        push(new Placeholder());
      }
      case 'q' -> memoize(in.u8());
      case 'r' -> memoize(in.i32());
      case 'p' -> memoize((int) wholeNumber(in.line()));
      case 0x94 -> memoize(memo.size());
      case 'h' -> push(memoized(in.u8()));
      case 'j' -> push(memoized(in.i32()));
      case 'g' -> push(memoized((int) wholeNumber(in.line())));
      case 'c' -> {
        String module = in.line();
        push(global(module, in.line()));
      }
      case 0x93 -> {
        Object name = pop();
        Object module = pop();
        if (!(module instanceof String from) || !(name instanceof String what)) {
          throw bad("its pickle names a global by something else than text");
        }
        push(global(from, what));
      }
      case 'R' -> {
        Object arguments = pop();
        push(call(pop(), arguments));
      }
      case 0x81 -> {
        Object arguments = pop();
        push(create(pop(), arguments));
      }
      case 0x92 -> {
        pop();
        Object arguments = pop();
        push(create(pop(), arguments));
      }
      // placeholders stay empty
      case 'b' -> {
        Object state = pop();
        if (top() instanceof Dict dict) {
          work((long) COPY_COST * dict.build(state));
        }
      }
      case 'Q' -> push(persistent(pop()));
      default ->
          throw new WeightsException(
              Help.REFUSED_PICKLE.after(
                  ("%s is not safe to read, or damaged: its pickle has the instruction 0x%02x at byte"
                          + " %d, which PyTorch does not write. Get the weights as safetensors.")
                      .formatted(in.file().path(), opcode, in.position() - 1)));
    }
  }

  private void protocol(int version) {
    if (version > 5) {
      throw bad("its pickle is of protocol " + version);
    }
  }

  private Global global(String module, String name) {
    if (!PickleGlobals.isAllowed(module, name)) {
      String shown = printable(module + "." + name);
      throw new WeightsException(
          Help.REFUSED_PICKLE.after(
              ("%s is refused: it names %s, which is no part of weights and could run code."
                      + " Nothing of it was run. Get the weights as safetensors, or save only their"
                      + " state_dict.")
                  .formatted(in.file().path(), shown)));
    }
    return new Global(module, name);
  }

  private static String printable(String text) {
    String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
    return shown.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private Object call(Object function, Object arguments) {
    if (!(function instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw bad("its pickle calls something that is no function");
    }
    List<Object> items = tuple.items();
    return switch (global.toString()) {
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> tensor(items, null);
      case "torch._utils._rebuild_tensor_v3" -> tensor(items, argument(items, 6));
      case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
          argument(items, 0);
      case "torch._tensor._rebuild_from_type_v2" -> rebuildFromType(items);
      case "torch.Size" -> argument(items, 0);
      case "copyreg._reconstructor", "copy_reg._reconstructor" ->
          create(argument(items, 0), new Tuple(List.of()));
      default -> create(global, arguments);
    };
  }

  private Object rebuildFromType(List<Object> items) {
    boolean plain =
        argument(items, 0) instanceof Global inner
            && inner.module().equals("torch._utils")
            && inner.name().startsWith("_rebuild_");
    return plain ? call(argument(items, 0), argument(items, 2)) : new Placeholder();
  }

  /** An instance of a known inert class: a dictionary, or a placeholder. */
  private Object create(Object type, Object arguments) {
    if (!(type instanceof Global global)) {
      throw bad("its pickle creates something that is of no class");
    }
    if (!(arguments instanceof Tuple tuple)) {
      throw bad("its pickle creates a " + global + " without arguments");
    }
    if (global.module().equals("collections")
        && (global.name().equals("OrderedDict") || global.name().equals("defaultdict"))) {
      Dict dict = new Dict();
      if (global.name().equals("OrderedDict")
          && !tuple.items().isEmpty()
          && tuple.items().get(0) instanceof List<?> pairs) {
        work((long) COPY_COST * pairs.size());
        for (Object pair : pairs) {
          List<?> two = sequence(pair);
          if (two.size() == 2) {
            dict.put(two.get(0), two.get(1));
          }
        }
      }
      return dict;
    }
    return PickleGlobals.isParameterContainer(global.module(), global.name())
        ? new Dict(true)
        : new Placeholder();
  }

  private static List<?> sequence(Object value) {
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    return value instanceof List<?> list ? list : List.of();
  }

  private Tensor tensor(List<Object> items, @Nullable Object type) {
    if (!(argument(items, 0) instanceof View view)
        || !(argument(items, 1) instanceof Long offset)) {
      throw bad("its pickle rebuilds a tensor without storage");
    }
    DType dtype = view.dtype();
    long viewOffset = view.offset();
    long viewCount = view.count();
    String typeName = view.storage().type();
    if (type != null) {
      typeName = type instanceof Global global ? global.name() : "unknown";
      dtype = Float8.ofTorch(typeName).isPresent() ? DType.U8 : PickleGlobals.DTYPES.get(typeName);
      int size = dtype == null ? 1 : dtype.bytes();
      // such a storage counts bytes
      viewOffset /= size;
      viewCount /= size;
    }
    List<Long> shape = sizes(argument(items, 2));
    List<Long> strides = sizes(argument(items, 3));
    if (shape.size() != strides.size()) {
      throw bad("a tensor has the shape %s and the strides %s".formatted(shape, strides));
    }
    return new Tensor(
        view.storage(), dtype, typeName, viewOffset, viewCount, offset, shape, strides);
  }

  private List<Long> sizes(Object value) {
    List<?> items = sequence(value);
    if (items.size() > 64) {
      throw bad("a tensor has %d dimensions".formatted(items.size()));
    }
    List<Long> sizes = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof Long size) || size < 0) {
        throw bad("a tensor's shape or stride is not made of whole numbers");
      }
      sizes.add(size);
    }
    return sizes;
  }

  private Object argument(List<Object> items, int index) {
    if (index >= items.size()) {
      throw bad("its pickle rebuilds a value with too few arguments");
    }
    return items.get(index);
  }

  /**
   * {@code ("storage", type, key, location, count[, (view key, offset, count)])}, or {@code
   * ("module", class, file, source)} for the class itself; its source is never looked at.
   */
  private Object persistent(Object id) {
    if (id instanceof Tuple tuple
        && tuple.items().size() == 4
        && "module".equals(tuple.items().get(0))
        && tuple.items().get(1) instanceof Global type) {
      return type;
    }
    if (!(id instanceof Tuple tuple)
        || tuple.items().size() < 5
        || !"storage".equals(tuple.items().get(0))
        || !(tuple.items().get(1) instanceof Global type)
        || !(tuple.items().get(2) instanceof String key)
        || !(tuple.items().get(4) instanceof Long count)
        || count < 0) {
      throw bad("its pickle refers to something outside that is no storage");
    }
    DType dtype = PickleGlobals.STORAGES.get(type.name());
    Storage storage = storages.computeIfAbsent(key, k -> new Storage(k, dtype, type.name(), count));
    if (tuple.items().size() > 5 && tuple.items().get(5) instanceof Tuple view) {
      if (!(argument(view.items(), 1) instanceof Long offset)
          || !(argument(view.items(), 2) instanceof Long size)
          || offset < 0
          || size < 0) {
        throw bad("its pickle holds a damaged view of a storage");
      }
      return new View(storage, dtype, offset, size);
    }
    return new View(storage, dtype, 0, count);
  }

  private void append(List<Object> values) {
    if (top() instanceof List<?>) {
      @SuppressWarnings("unchecked")
      List<Object> list = (List<Object>) top();
      list.addAll(values);
    }
  }

  private void setItems(List<Object> items) {
    if (items.size() % 2 != 0) {
      throw bad("its pickle sets a key without value");
    }
    if (top() instanceof Dict dict) {
      for (int i = 0; i < items.size(); i += 2) {
        dict.put(items.get(i), items.get(i + 1));
      }
    }
  }

  private void tuple(int count) {
    List<Object> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(pop());
    }
    Collections.reverse(items);
    push(new Tuple(items));
  }

  private long wholeNumber(String text) {
    if (text.equals("00") || text.equals("01")) {
      return Long.parseLong(text.substring(1));
    }
    try {
      return Long.parseLong(text.endsWith("L") ? text.substring(0, text.length() - 1) : text);
    } catch (NumberFormatException e) {
      throw bad("its pickle holds the number " + printable(text));
    }
  }

  private double realNumber(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw bad("its pickle holds the number " + printable(text));
    }
  }

  /** A little-endian number of so many bytes; one that is too long for a long stays apart. */
  private Object longNumber(int length) {
    byte[] bytes = in.bytes(length);
    for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
    if (bytes.length == 0) {
      return 0L;
    }
    BigInteger number = new BigInteger(bytes);
    return number.bitLength() < 64 ? (Object) number.longValue() : number;
  }

  private String latin(long length) {
    return new String(in.bytes(length), StandardCharsets.ISO_8859_1);
  }

  /** Bytes are never weights here; they are read over in pieces and dropped. */
  private void skip(long length) {
    if (length < 0) {
      throw bad("its pickle holds bytes of negative length");
    }
    for (long left = length; left > 0; ) {
      left -= in.bytes(Math.min(left, 1 << 16)).length;
    }
    push(new Placeholder());
  }

  private void memoize(int index) {
    if (memo.size() >= MAX_MEMO) {
      throw bad("its pickle remembers more than " + MAX_MEMO + " values");
    }
    memo.put(index, top());
  }

  private Object memoized(int index) {
    Object value = memo.get(index);
    if (value == null) {
      throw bad("its pickle recalls a value that it never had");
    }
    return value;
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object top() {
    if (stack.isEmpty() || (!marks.isEmpty() && marks.get(marks.size() - 1) == stack.size())) {
      throw bad("its pickle takes a value that is not there");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  /** Python's POP drops a mark when that is on top. */
  private void pop0() {
    if (!marks.isEmpty() && marks.get(marks.size() - 1) == stack.size()) {
      marks.remove(marks.size() - 1);
    } else {
      pop();
    }
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw bad("its pickle lacks a mark");
    }
    List<Object> tail = stack.subList(marks.remove(marks.size() - 1), stack.size());
    List<Object> items = new ArrayList<>(tail);
    tail.clear();
    return items;
  }

  private WeightsException bad(String what) {
    return new WeightsException(
        "%s is damaged or no PyTorch checkpoint: %s. Download it again."
            .formatted(in.file().path(), what));
  }
}
