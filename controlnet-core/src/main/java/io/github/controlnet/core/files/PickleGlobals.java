package io.github.controlnet.core.files;

import io.github.controlnet.engine.WeightSource.DType;
import java.util.Map;
import java.util.Set;

/**
 * The names from other programs that a checkpoint may mention. What is not listed refuses the file.
 * Those listed here do nothing either: the few that rebuild tensors and plain containers are
 * understood, the others become empty placeholders.
 */
final class PickleGlobals {
  /** Number types of PyTorch's storages. */
  static final Map<String, DType> STORAGES =
      Map.ofEntries(
          Map.entry("FloatStorage", DType.F32),
          Map.entry("HalfStorage", DType.F16),
          Map.entry("BFloat16Storage", DType.BF16),
          Map.entry("DoubleStorage", DType.F64),
          Map.entry("LongStorage", DType.I64),
          Map.entry("IntStorage", DType.I32),
          Map.entry("ShortStorage", DType.I16),
          Map.entry("CharStorage", DType.I8),
          Map.entry("ByteStorage", DType.U8),
          Map.entry("UntypedStorage", DType.U8),
          Map.entry("BoolStorage", DType.BOOL));

  /** Number types of PyTorch by name. */
  static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("float32", DType.F32),
          Map.entry("float", DType.F32),
          Map.entry("float16", DType.F16),
          Map.entry("half", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("float64", DType.F64),
          Map.entry("double", DType.F64),
          Map.entry("int64", DType.I64),
          Map.entry("long", DType.I64),
          Map.entry("int32", DType.I32),
          Map.entry("int", DType.I32),
          Map.entry("int16", DType.I16),
          Map.entry("short", DType.I16),
          Map.entry("int8", DType.I8),
          Map.entry("uint8", DType.U8),
          Map.entry("bool", DType.BOOL));

  /** Number types for which there is no use here; their tensors are listed apart. */
  private static final Set<String> FOREIGN =
      Set.of(
          "ComplexFloatStorage",
          "ComplexDoubleStorage",
          "QInt8Storage",
          "QUInt8Storage",
          "QInt32Storage",
          "complex64",
          "complex128",
          "complex32",
          "QUInt4x2Storage",
          "QUInt2x4Storage",
          "float8_e8m0fnu",
          "float4_e2m1fn_x2",
          "qint8",
          "qint32",
          "quint8",
          "quint4x2",
          "quint2x4",
          "bits8",
          "bits16",
          "uint16",
          "uint32",
          "uint64");

  private static final Set<String> BUILTINS =
      Set.of(
          "object",
          "set",
          "frozenset",
          "list",
          "dict",
          "tuple",
          "int",
          "Ellipsis",
          "NotImplemented",
          "float",
          "bool",
          "str",
          "bytes",
          "bytearray",
          "complex",
          "long",
          "unicode",
          "slice",
          "range",
          "xrange");

  private static final Set<String> NUMPY =
      Set.of(
          "dtype", "ndarray", "bool_", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16",
          "uint32", "uint64", "float16", "float32", "float64", "str_", "bytes_");

  private static final String CONTAINERS = "torch.nn.modules.container";

  /** Names of modules whose listed members do nothing by themselves. */
  private static final Map<String, Set<String>> INERT =
      Map.ofEntries(
          Map.entry("builtins", BUILTINS),
          Map.entry("__builtin__", BUILTINS),
          Map.entry("numpy", NUMPY),
          Map.entry("numpy.core.multiarray", Set.of("scalar", "_reconstruct")),
          Map.entry("numpy._core.multiarray", Set.of("scalar", "_reconstruct")),
          Map.entry("numpy.core.numeric", Set.of("_frombuffer")),
          Map.entry("numpy._core.numeric", Set.of("_frombuffer")),
          Map.entry(
              "collections", Set.of("OrderedDict", "defaultdict", "Counter", "deque", "ChainMap")),
          Map.entry(
              "typing",
              Set.of("Any", "Union", "Optional", "List", "Dict", "Tuple", "Set", "Callable")),
          Map.entry(
              "pathlib",
              Set.of(
                  "Path",
                  "PosixPath",
                  "WindowsPath",
                  "PurePath",
                  "PurePosixPath",
                  "PureWindowsPath")),
          Map.entry("pathlib._local", Set.of("PosixPath", "WindowsPath")),
          Map.entry("datetime", Set.of("datetime", "date", "time", "timedelta", "timezone")),
          Map.entry("argparse", Set.of("Namespace")),
          Map.entry("types", Set.of("SimpleNamespace")),
          Map.entry("decimal", Set.of("Decimal")),
          Map.entry("fractions", Set.of("Fraction")),
          Map.entry("uuid", Set.of("UUID", "SafeUUID")),
          Map.entry("copyreg", Set.of("_reconstructor")),
          Map.entry("copy_reg", Set.of("_reconstructor")),
          Map.entry("_codecs", Set.of("encode")),
          Map.entry(
              "torch", Set.of("Size", "device", "Tensor", "dtype", "strided", "contiguous_format")),
          Map.entry("torch.storage", Set.of("UntypedStorage", "TypedStorage")),
          Map.entry("torch.serialization", Set.of("_get_layout")),
          Map.entry("torch.torch_version", Set.of("TorchVersion")),
          Map.entry("torch._C", Set.of("Generator")),
          Map.entry("torch.nn.parameter", Set.of("Parameter", "Buffer")),
          Map.entry(CONTAINERS, Set.of("ParameterDict", "ParameterList")),
          Map.entry("torch._tensor", Set.of("_rebuild_from_type_v2")),
          Map.entry(
              "torch._utils",
              Set.of(
                  "_rebuild_tensor",
                  "_rebuild_tensor_v2",
                  "_rebuild_tensor_v3",
                  "_rebuild_parameter",
                  "_rebuild_parameter_with_state")));

  private PickleGlobals() {}

  static boolean isAllowed(String module, String name) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      // a dotted name reaches through attributes, which can lead anywhere
      return false;
    }
    if (module.equals("numpy.dtypes") && name.endsWith("DType")) {
      return true;
    }
    if (INERT.getOrDefault(module, Set.of()).contains(name)) {
      return true;
    }
    if (module.equals("torch")) {
      return STORAGES.containsKey(name)
          || DTYPES.containsKey(name)
          || Float8.ofTorch(name).isPresent()
          || FOREIGN.contains(name);
    }
    if (module.equals("torch.cuda")) {
      return STORAGES.containsKey(name);
    }
    return isFrom(module, "pytorch_lightning")
        || isFrom(module, "lightning")
        || isFrom(module, "lightning_fabric")
        || isFrom(module, "lightning_utilities")
        || isFrom(module, "omegaconf");
  }

  /**
   * Whether it is a class of PyTorch's that holds parameters and nothing else, by name or number.
   */
  static boolean isParameterContainer(String module, String name) {
    return module.equals(CONTAINERS) && INERT.getOrDefault(module, Set.of()).contains(name);
  }

  private static boolean isFrom(String module, String root) {
    return module.matches("[A-Za-z0-9_.]+")
        && (module.equals(root) || module.startsWith(root + "."));
  }
}
