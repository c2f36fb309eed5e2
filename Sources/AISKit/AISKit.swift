import CAISKernels
import COneDNN
import COpenBLAS
